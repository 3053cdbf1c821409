-- By whom a message went, or who refused it, as the notifier tells it; NULL: nobody was asked, or an older one told it.
ALTER TABLE touches ADD COLUMN provider text;
