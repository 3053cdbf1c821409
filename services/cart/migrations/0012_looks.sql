-- The last look has a scope of its own: keys that could take it still can. A running release ignores scopes that it does not know.
UPDATE api_keys SET scopes = array_append(scopes, 'looks:read')
WHERE 'carts:read' = ANY (scopes) AND NOT 'looks:read' = ANY (scopes);
