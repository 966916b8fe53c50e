-- 009: contacts that somebody removed, as their histories tell (kind 3), until that is cleared.
CREATE INDEX contact_deleted ON contact_fact((contact >> 32), at, contact)
  WHERE kind = 3 AND before IS NOT NULL;
