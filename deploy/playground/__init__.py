"""What surrounds Evercart on a developer's machine: a shop, its customers' mailbox and their phones."""
