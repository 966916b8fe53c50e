/* statements.h -- every statement of the PostgreSQL store: PG(NAME, text). Parameters only;
 * what comes in numbers comes as arrays. Included by connection.h for the names and by
 * connection.c for the texts. */

/* Transactions */
PG(BEGIN_READ, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
PG(BEGIN_WRITE, "BEGIN")
PG(COMMIT, "COMMIT")
PG(ROLLBACK, "ROLLBACK")

/* The schema: is there one, how many tables has it, are they ours? */
PG(OWNER_GET,
   "SELECT n.oid IS NOT NULL,(SELECT count(*) FROM pg_class c WHERE"
   " c.relnamespace=n.oid AND c.relkind IN ('r','p')),"
   "coalesce((SELECT left(obj_description(c.oid,'pg_class'),6)='Cadran' FROM pg_class c WHERE"
   " c.relnamespace=n.oid AND c.relname='migration'),false),"
   "coalesce((SELECT obj_description(c.oid,'pg_class')<>'Cadran' FROM pg_class c WHERE"
   " c.relnamespace=n.oid AND c.relname='migration'),false),"
   "coalesce(has_schema_privilege(n.oid,'CREATE'),false) FROM (SELECT"
   " to_regnamespace(quote_ident(current_schema()))::oid oid) n")
PG(MIGRATION_LIST, "SELECT number,name,checksum FROM migration ORDER BY number DESC")
PG(MIGRATION_PUT, "INSERT INTO migration VALUES($1,$2,$3,$4)")

/* Entities */
PG(ENTITY_INSERT, "INSERT INTO entity(kind,version,name,folded,document,created_at,modified_at)"
                  " VALUES($1,1,$2,$3,$4,$5,$5) RETURNING id")
PG(ENTITY_UPDATE, "UPDATE entity SET version=version+1,name=$2,folded=$3,document=$4,"
                  "modified_at=$5 WHERE id=$1")
PG(ENTITY_DELETE, "DELETE FROM entity WHERE id=$1")
PG(ENTITY_GET, "SELECT kind,id,version,name,document,created_at,modified_at FROM entity"
               " WHERE id=$2 AND kind=$1")
PG(ENTITY_FIND, "SELECT kind,id,version,name,document,created_at,modified_at FROM entity"
                " WHERE kind=$1 AND folded=$2")
/* $2: 0 any, 1 equals, 2 prefix, 3 contains */
#define PG_ENTITY_MATCH                                                                        \
    " FROM entity WHERE kind=$1 AND CASE $2 WHEN 0 THEN true WHEN 1 THEN folded=$3"            \
    " WHEN 2 THEN starts_with(folded,$3) ELSE strpos(folded,$3)>0 END"
#define PG_ENTITY_LIST(order)                                                                  \
    "SELECT kind,id,version,name,document,created_at,modified_at" PG_ENTITY_MATCH              \
    " ORDER BY " order " LIMIT $4 OFFSET $5"
PG(ENTITY_LIST_NAME, PG_ENTITY_LIST("folded,id"))
PG(ENTITY_LIST_NAME_DOWN, PG_ENTITY_LIST("folded DESC,id DESC"))
PG(ENTITY_LIST_DATE, PG_ENTITY_LIST("created_at,id"))
PG(ENTITY_LIST_DATE_DOWN, PG_ENTITY_LIST("created_at DESC,id DESC"))
PG(ENTITY_COUNT, "SELECT count(*)" PG_ENTITY_MATCH)
/* References to what is not there. */
PG(REF_DANGLING,
   "SELECT k.kind,k.id FROM unnest($1,$2) WITH ORDINALITY k(kind,id,n) WHERE NOT"
   " EXISTS(SELECT 1 FROM entity e WHERE e.id=k.id AND e.kind=k.kind) ORDER BY k.n"
   " LIMIT 1")
PG(REF_INSERT, "INSERT INTO entity_ref(kind,id,ref_kind,ref_id) SELECT $1,$2,k.kind,k.id FROM"
               " unnest($3,$4) k(kind,id) ON CONFLICT DO NOTHING")
PG(REF_DELETE, "DELETE FROM entity_ref WHERE kind=$1 AND id=$2")
PG(REF_USERS, "SELECT r.kind,r.id,e.name FROM entity_ref r JOIN entity e ON e.id=r.id"
              " WHERE r.ref_kind=$1 AND r.ref_id=$2 ORDER BY r.id")
PG(SECRET_PUT, "INSERT INTO secret VALUES($1,$2,$3) ON CONFLICT(kind,id) DO UPDATE SET"
               " secret=$3")
PG(SECRET_GET, "SELECT secret FROM secret WHERE kind=$1 AND id=$2")
PG(SECRET_DELETE, "DELETE FROM secret WHERE kind=$1 AND id=$2")

/* Tokens and keys */
PG(TOKEN_PUT, "INSERT INTO token VALUES($1,$2,$3,$4,$5<>0) ON CONFLICT(hash) DO UPDATE SET"
              " kind=$2,owner=$3,expires_at=$4,is_session=$5<>0")
PG(TOKEN_GET, "SELECT kind,owner,expires_at,is_session FROM token WHERE hash=$1")
PG(TOKEN_DELETE, "DELETE FROM token WHERE hash=$1")
PG(TOKEN_PURGE, "DELETE FROM token WHERE hash IN"
                " (SELECT hash FROM token WHERE expires_at<$1 LIMIT 20)")
PG(KEY_GET, "SELECT value FROM key WHERE name=$1")
PG(KEY_PUT, "INSERT INTO key VALUES($1,$2) ON CONFLICT(name) DO NOTHING")

/* Cells and sequences. The share lock makes a take-over wait for the commit under way. */
PG(CELL_GET, "SELECT epoch FROM cell WHERE cell=$1 FOR SHARE")
PG(CELL_PUT, "INSERT INTO cell VALUES($1,$2) ON CONFLICT(cell) DO UPDATE SET epoch=$2")
PG(SEQUENCE_NEXT, "UPDATE sequence SET value=value+1 WHERE name=$1 RETURNING value")
PG(MONTH_MAKE, "SELECT attempt_month_make($1)")

/* Zones */
PG(ZONE_SET_FIND, "SELECT id FROM zone_set WHERE names=$1")
PG(ZONE_SET_INSERT, "INSERT INTO zone_set(names) VALUES($1) RETURNING id")
PG(ZONE_SET_LIST, "SELECT id,names FROM zone_set ORDER BY id")

/* Contacts. $1 is a list wherever a contact is meant. */
PG(LIST_MAKE, "INSERT INTO list VALUES($1,0,0) ON CONFLICT(id) DO NOTHING")
PG(LIST_LOCK, "SELECT contact_last,contact_count FROM list WHERE id=$1 FOR UPDATE")
PG(LIST_LOCK_MANY, "SELECT id FROM list WHERE id=ANY($1) ORDER BY id FOR UPDATE")
PG(LIST_GET, "SELECT contact_last,contact_count FROM list WHERE id=$1")
PG(LIST_PUT, "UPDATE list SET contact_last=$2,contact_count=$3 WHERE id=$1")
PG(LIST_TOUCH, "UPDATE list SET contact_last=contact_last WHERE id=$1")
PG(LIST_LESS, "UPDATE list l SET contact_count=contact_count-k.n FROM (SELECT list,count(*) n"
              " FROM unnest($1) u(list) GROUP BY list) k WHERE l.id=k.list")
PG(CONTACT_COPY,
   "COPY contact(list,id,external_id,version,updated_at,created_at,batch,expires_at,data,extra)"
   " FROM STDIN"
   " (FORMAT binary)")
PG(STATE_COPY, "COPY contact_state(list,id,pass,next_try,agent,version,state,priority,flags,"
               "is_callable) FROM STDIN (FORMAT binary)")
PG(ADDRESS_COPY, "COPY address(list,contact,number,recalls,last_at,last_wrapup,zone_set,"
                 "attempts,place,col,state,last_outcome,is_callable,is_zone_given) FROM STDIN "
                 "(FORMAT binary)")
PG(CONTACT_UPDATE,
   "UPDATE contact c SET version=version+k.n,updated_at=k.at,data=k.data,"
   "extra=coalesce(k.extra,c.extra),expires_at=CASE WHEN k.expires_at<0 THEN c.expires_at ELSE"
   " k.expires_at END FROM unnest($1,$2,$3,$4,$5,$6,$7) k(list,id,at,n,expires_at,data,extra)"
   " WHERE c.list=k.list AND c.id=k.id")
PG(CONTACT_EXPIRED,
   "SELECT c.id FROM contact c JOIN contact_state s ON s.list=c.list AND s.id=c.id WHERE"
   " c.expires_at<>0 AND c.expires_at<=$1 AND s.state<>1 ORDER BY c.expires_at,c.id LIMIT $2")
PG(CONTACT_GET,
   "SELECT c.id,c.external_id,c.version,c.updated_at,c.data,c.created_at,c.batch,c.extra,"
   "c.expires_at FROM "
   "unnest($1,$2)"
   " k(list,id) JOIN contact c ON c.list=k.list AND c.id=k.id ORDER BY c.id")
PG(CONTACT_VERSIONS, "SELECT c.id,c.version FROM unnest($1,$2) k(list,id) JOIN contact c ON"
                     " c.list=k.list AND c.id=k.id ORDER BY c.id")
/* Contacts of an import behind $2, locked, and whether a call has touched them. */
PG(CONTACT_OF_BATCH,
   "SELECT c.id,s.pass<>0 OR s.state=1 FROM contact c JOIN contact_state s ON s.list=c.list AND"
   " s.id=c.id WHERE c.list=$1 AND c.id>$2 AND c.batch=$3 ORDER BY c.id LIMIT $4"
   " FOR UPDATE OF s")
PG(CONTACT_ZONES,
   "SELECT z,v,count(*) FROM (SELECT CASE WHEN min(zone_set)=max(zone_set) THEN min(zone_set)"
   " ELSE -1 END z,CASE WHEN $3<0 THEN '' ELSE (SELECT coalesce(cadran_text(c.data,$3::integer"
   "),'') FROM contact c WHERE c.list=$1 AND c.id=a.contact) END COLLATE \"C\" v FROM address a"
   " WHERE list=$1 AND number<>0 GROUP BY contact) c GROUP BY z,v ORDER BY z,v LIMIT $2")
PG(CONTACT_FIND, "SELECT c.id,k.n FROM unnest($2) WITH ORDINALITY k(external_id,n) JOIN contact"
                 " c ON c.list=$1 AND c.external_id=k.external_id ORDER BY k.n")
PG(CONTACT_NEXT, "SELECT id FROM contact_state WHERE list=$1 AND id>$2 ORDER BY id LIMIT $3"
                 " OFFSET $4")
/* What a build has come to: all up to `upto`, and when it is done what came later, up to `at`.
 */
#define PG_BUILD_COVERS(id)                                                                    \
    "b.stage<>0 AND " id "<=CASE b.stage WHEN 4 THEN b.at ELSE b.upto END"
#define PG_CONTACT_VIEW(is_managed)                                                            \
    "SELECT id FROM contact_state s WHERE list=$1 AND id>$2 AND " is_managed                   \
    " EXISTS(SELECT 1 FROM queue_build b WHERE b.list=$1 AND " PG_BUILD_COVERS(                \
        "s.id") " AND NOT (s.flags&2=2 AND b.pass<=s.pass)) ORDER BY id LIMIT $3 OFFSET $4"
PG(CONTACT_NEXT_MANAGED, PG_CONTACT_VIEW(""))
PG(CONTACT_NEXT_WAITING, PG_CONTACT_VIEW("NOT"))
PG(BUILDS_OVER,
   "SELECT k.id,b.campaign,b.pass," PG_BUILD_COVERS(
       "k.id") " FROM unnest($1,$2)"
               " k(list,id) JOIN queue_build b ON b.list=k.list ORDER BY k.id,b.campaign")
/* The queues over each contact's list; the last: it was dialed in the pass. */
PG(QUEUES_OF,
   "SELECT k.id,b.campaign,b.pass," PG_BUILD_COVERS(
       "k.id") ",(SELECT 1 FROM attempt t WHERE t.contact=k.id AND t.pass=b.pass LIMIT 1) IS"
               " NOT NULL FROM unnest($1,$2) k(list,id) JOIN queue_build b ON b.list=k.list"
               " ORDER BY k.id,b.campaign")
PG(DUES_OF,
   "SELECT DISTINCT contact,campaign FROM due WHERE contact=ANY($2) AND $1 IS NOT NULL")
PG(CONTACT_BY_NUMBER, "SELECT DISTINCT contact FROM address WHERE list=$1 AND number=$5 AND"
                      " number<>0 AND contact>$2 ORDER BY contact LIMIT $3 OFFSET $4")
PG(CONTACT_DELETE, "DELETE FROM contact c USING unnest($1,$2) k(list,id) WHERE c.list=k.list"
                   " AND c.id=k.id")
PG(STATE_DELETE, "DELETE FROM contact_state c USING unnest($1,$2) k(list,id) WHERE"
                 " c.list=k.list AND c.id=k.id")
PG(ADDRESS_DELETE, "DELETE FROM address a USING unnest($1,$2) k(list,id) WHERE a.list=k.list"
                   " AND a.contact=k.id")
PG(DUE_DELETE_CONTACT, "DELETE FROM due WHERE contact=ANY($2) AND $1 IS NOT NULL")
PG(STATE_NEXT_LOCK, "SELECT id,state FROM contact_state WHERE list=$1 AND id>$2 ORDER BY id"
                    " LIMIT $3 FOR UPDATE")
#define PG_OF_STATES                                                                           \
    "SELECT "                                                                                  \
    "s.id,s.version,s.state,s.is_callable,s.priority,s.pass,s.next_try,s.flags,s.agent,"       \
    "s.reschedules,s.disposition,s.touched_at,s.counted_from FROM"                             \
    " unnest($1,$2) k(list,id) JOIN contact_state s ON s.list=k.list AND s.id=k.id ORDER BY"   \
    " s.id"
PG(STATE_GET, PG_OF_STATES)
PG(STATE_LOCK, PG_OF_STATES " FOR UPDATE OF s")
PG(ADDRESS_GET, "SELECT a.contact,a.col,a.number,a.zone_set,a.state,a.is_callable,a.attempts,"
                "a.recalls,a.last_at,a.last_outcome,a.last_wrapup,a.is_zone_given FROM"
                " unnest($1,$2) k(list,id) JOIN address a ON a.list=k.list AND a.contact=k.id "
                "ORDER BY a.contact,a.place")
/* The priority has a statement of its own: it is in an index. */
PG(STATE_MOVE,
   "UPDATE contact_state s SET version=k.version,state=k.state,"
   "is_callable=k.is_callable<>0,pass=k.pass,next_try=k.next_try,flags=k.flags,agent=k.agent,"
   "reschedules=k.reschedules,disposition=k.disposition,touched_at=k.touched_at,"
   "counted_from=k.counted_from FROM unnest($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)"
   " k(list,id,version,state,is_callable,pass,next_try,flags,agent,reschedules,disposition,"
   "touched_at,counted_from)"
   " WHERE s.list=k.list AND s.id=k.id")
PG(STATE_RANK, "UPDATE contact_state s SET priority=k.priority FROM unnest($1,$2,$3)"
               " k(list,id,priority) WHERE s.list=k.list AND s.id=k.id AND"
               " s.priority<>k.priority")
/* What was counted as finished is counted no more. */
#define PG_COUNT_LESS(of)                                                                      \
    "INSERT INTO list_state SELECT list,state,-count(*) FROM " of " GROUP BY 1,2 ORDER BY 1,2" \
    " ON CONFLICT(list,state) DO UPDATE SET n=list_state.n+excluded.n"
PG(STATE_REOPEN,
   "WITH old AS (SELECT list,id,state FROM contact_state WHERE list=$1 AND id=ANY($2) AND"
   " pass<>$3 AND state IN (2,3) FOR UPDATE), counted AS (" PG_COUNT_LESS(
       "old") ")"
              " UPDATE contact_state s SET state=0,next_try=0,version=version+1 FROM old WHERE"
              " s.list=old.list AND s.id=old.id")
PG(STATE_COUNT, "INSERT INTO list_state SELECT k.list,k.state,k.n FROM unnest($1,$2,$3)"
                " k(list,state,n) ORDER BY 1,2 ON CONFLICT(list,state) DO UPDATE SET"
                " n=list_state.n+excluded.n")
PG(STATE_COUNT_LESS,
   PG_COUNT_LESS("(SELECT s.list,s.state FROM unnest($1,$2) k(list,id) JOIN contact_state s ON"
                 " s.list=k.list AND s.id=k.id WHERE s.state<>0) s"))
PG(STATE_COUNTS, "SELECT state,n FROM list_state WHERE list=$1")
/* Indices of columns. Whoever changes values of a list shares its lock first, whether it has an
 * index or not; whoever begins or fills one has it alone. Behind the locks of list, build and
 * contact, before those of a lane. */
#define PG_VALUES_CLASS "1130456178"
PG(VALUES_SHARE, "SELECT pg_advisory_xact_lock_shared(" PG_VALUES_CLASS ",l.list::integer) FROM"
                 " (SELECT DISTINCT list FROM unnest($1) u(list) ORDER BY list) l")
PG(VALUES_LOCK, "SELECT pg_advisory_xact_lock(" PG_VALUES_CLASS ",$1::integer)")
PG(INDEX_GET, "SELECT upto FROM column_index WHERE list=$1 AND col=$2 AND kind=$3")
PG(INDEX_COUNT, "SELECT count(*) FROM column_index WHERE list=$1")
PG(INDEX_INSERT, "INSERT INTO column_index VALUES($1,$2,$3,0) ON CONFLICT DO NOTHING")
PG(INDEX_PUT, "UPDATE column_index SET upto=$4 WHERE list=$1 AND col=$2 AND kind=$3")
/* Contacts came behind the last ($2), up to $3: indices that were whole are whole with them. */
PG(INDEX_ADVANCE, "UPDATE column_index SET upto=$3 WHERE list=$1 AND upto=$2")
PG(INDEX_DELETE, "DELETE FROM column_index WHERE list=$1")
/* One look-up each, by the limit: a plan that begins with the values would read all of them. */
PG(VALUE_DELETE,
   "DELETE FROM column_value WHERE ctid=ANY(ARRAY(SELECT v.at FROM unnest($1,$2) k(list,id)"
   " JOIN column_index x ON x.list=k.list JOIN contact c ON c.list=k.list AND c.id=k.id CROSS"
   " JOIN LATERAL (SELECT v.ctid at FROM column_value v WHERE v.list=x.list AND v.col=x.col AND"
   " v.kind=x.kind AND v.value=cadran_sort_key(c.data,x.col,x.kind) AND v.contact=c.id LIMIT 1)"
   " v))")
PG(VALUE_PUT,
   "INSERT INTO column_value SELECT "
   "x.list,x.col,x.kind,cadran_sort_key(c.data,x.col,x.kind),c.id"
   " FROM unnest($1,$2) k(list,id) JOIN column_index x ON x.list=k.list JOIN contact c ON"
   " c.list=k.list AND c.id=k.id ON CONFLICT DO NOTHING")
PG(VALUE_FILL, "INSERT INTO column_value SELECT "
               "$1,$2,$3,cadran_sort_key(data,$2::integer,$3::integer),id FROM"
               " contact WHERE list=$1 AND id>$4 AND id<=$5 ON CONFLICT DO NOTHING")
PG(VALUE_OF,
   "SELECT cadran_sort_key(data,$2::integer,$3::integer) FROM contact WHERE list=$1 AND"
   " id=$4")

/* What the contacts are, before they change or go: contact_event_kind $6. As manage_before. */
PG(EVENT_BEFORE,
   "INSERT INTO contact_fact(list,contact,at,actor_kind,actor,kind,act,state,before) SELECT"
   " c.list,c.id,$5,k.actor_kind,k.actor,$6,0,CASE $6 WHEN 3 THEN 4 ELSE s.state END,"
   "'{\"data\":'||c.data||',\"callable\":'||CASE WHEN s.is_callable THEN 'true' ELSE 'false' "
   "END"
   "||',\"priority\":'||s.priority||',\"agent\":'||s.agent||',\"nextTry\":'||s.next_try||"
   "',\"topPriority\":'||CASE WHEN s.flags&1=1 THEN 'true' ELSE 'false' END||CASE WHEN"
   " c.external_id IS NULL THEN '' ELSE ',\"id\":'||to_json(c.external_id) END||'}' FROM"
   " unnest($1,$2,$3,$4) k(list,id,actor_kind,actor) JOIN contact c ON c.list=k.list AND"
   " c.id=k.id JOIN contact_state s ON s.list=k.list AND s.id=k.id")
PG(EVENT_INSERT,
   "INSERT INTO contact_fact(list,contact,at,actor_kind,actor,kind,act,state,note)"
   " SELECT k.list,k.contact,$4,$5,$6,$7,$8,k.state,$9 FROM unnest($1,$2,$3)"
   " k(list,contact,state)")
PG(DELETED_LIST, "SELECT contact,at,actor_kind,actor,before FROM contact_fact WHERE list=$1 AND"
                 " kind=3 AND before IS NOT NULL ORDER BY at DESC,contact DESC LIMIT $2 OFFSET"
                 " $3")
PG(DELETED_OLD,
   "WITH d AS (SELECT contact FROM contact_fact WHERE list=$1 AND kind=3 AND before"
   " IS NOT NULL AND at<$2 ORDER BY at,contact LIMIT $3), u AS (UPDATE contact_fact"
   " f SET before=NULL,note=NULL FROM d WHERE f.list=$1 AND f.contact=d.contact)"
   " SELECT count(*) FROM d")
/* kind, at, actor_kind, actor, act, state, before, note, call, campaign, agent, number, col,
 * outcome, wrapup; an attempt's own row, then its facts. */
PG(EVENT_LIST,
   "SELECT kind,at,actor_kind,actor,act,state,before,note,0,0,0,0,0,0,0,seq FROM contact_fact"
   " WHERE list=$1 AND contact=$2 UNION ALL SELECT 5,at,0,0,0,1,NULL,NULL,id,campaign,agent,"
   "number,col,0,0,0 FROM attempt WHERE contact=$2 UNION ALL SELECT "
   "5+f.kind,f.at,0,0,0,f.state,"
   "NULL,f.note,a.id,a.campaign,CASE f.agent WHEN 0 THEN a.agent ELSE f.agent END,a.number,"
   "a.col,f.outcome,f.wrapup,f.seq FROM attempt a JOIN attempt_fact f ON f.campaign=a.campaign"
   " AND f.attempt=a.id WHERE a.contact=$2 ORDER BY 2 DESC,1 DESC,16 DESC LIMIT $3")
PG(CONTACT_CREATED, "SELECT created_at FROM contact WHERE list=$1 AND id=$2 AND created_at<>0")
PG(ADDRESS_MOVE, "UPDATE address a SET state=k.state,is_callable=k.is_callable<>0,"
                 "attempts=k.attempts,recalls=k.recalls,last_at=k.last_at,"
                 "last_outcome=k.last_outcome,last_wrapup=k.last_wrapup FROM"
                 " unnest($1,$2,$3,$4,$5,$6,$7,$8,$9,$10) k(list,contact,place,state,"
                 "is_callable,attempts,recalls,last_at,last_outcome,last_wrapup) WHERE"
                 " a.list=k.list AND a.contact=k.contact AND a.place=k.place")
PG(NUMBER_LIST, "SELECT DISTINCT number FROM address WHERE list=$1 AND number>$2 AND number<>0"
                " ORDER BY number LIMIT $3")

/* Do-not-contact */
PG(DNC_PUT, "INSERT INTO dnc SELECT $1,number,$3 FROM unnest($2) k(number) GROUP BY number"
            " ORDER BY number ON CONFLICT(list,number) DO UPDATE SET expires_at=$3")
PG(DNC_DELETE, "DELETE FROM dnc WHERE list=$1 AND number=ANY($2)")
PG(DNC_GET, "SELECT expires_at FROM dnc WHERE list=$1 AND number=$2")
PG(DNC_MANY, "SELECT d.list,d.number,d.expires_at FROM unnest($1,$2) k(list,number) JOIN dnc d"
             " ON d.list=k.list AND d.number=k.number")
PG(DNC_COUNT, "SELECT (SELECT count(*) FROM dnc WHERE list=$1)+"
              "(SELECT count(*) FROM dnc_value WHERE list=$1)")
PG(DNC_LIST, "SELECT number,expires_at FROM dnc WHERE list=$1 AND number>$2 ORDER BY number"
             " LIMIT $3")
PG(DNC_VALUE_LIST, "SELECT value,expires_at FROM dnc_value WHERE list=$1 AND value>$2"
                   " ORDER BY value LIMIT $3")
PG(DNC_VALUE_PUT, "INSERT INTO dnc_value SELECT $1,value,$3 FROM unnest($2) k(value) GROUP BY"
                  " value ORDER BY value ON CONFLICT(list,value) DO UPDATE SET expires_at=$3")
PG(DNC_VALUE_DELETE, "DELETE FROM dnc_value WHERE list=$1 AND value=ANY($2)")
PG(DNC_VALUE_CLEAR,
   "DELETE FROM dnc_value WHERE list=$1 AND ($2=0 OR (expires_at<>0 AND expires_at<=$2))")
/* The contact's value in column $4 on the list. */
PG(DNC_CONTACT_GET, "SELECT d.expires_at FROM contact c JOIN dnc_value d ON d.list=$1 AND"
                    " d.value=(c.data::json->>$4::integer) WHERE c.list=$2 AND c.id=$3")
/* Looks at some numbers behind $2 and gives the last of them. */
PG(DNC_CHUNK, "SELECT max(number) FROM (SELECT number FROM dnc WHERE list=$1 AND number>$2"
              " ORDER BY number LIMIT 2000) n")
PG(DNC_CLEAR, "DELETE FROM dnc WHERE list=$1 AND number>$2 AND number<=$3 AND"
              " ($4=0 OR (expires_at<>0 AND expires_at<=$4))")

/* The dial queue */
#define PG_OF_BUILDS                                                                           \
    "SELECT campaign,list,pass,columns,stage,priority_at,at,upto,looked_at,queued,filter FROM" \
    " queue_build WHERE "
PG(BUILD_GET, PG_OF_BUILDS "campaign=$1")
PG(BUILD_LOCK, PG_OF_BUILDS "campaign=$1 FOR UPDATE")
PG(BUILDS_LOCK, PG_OF_BUILDS "list=$1 ORDER BY campaign LIMIT 64 FOR UPDATE")
PG(BUILD_PASSES, "SELECT campaign,pass FROM queue_build WHERE campaign=ANY($1)")
PG(BUILD_PUT, "INSERT INTO queue_build VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11) ON"
              " CONFLICT(campaign) DO UPDATE SET list=$2,pass=$3,columns=$4,stage=$5,"
              "priority_at=$6,at=$7,upto=$8,looked_at=$9,queued=$10,filter=$11")
PG(BUILD_DELETE, "DELETE FROM queue_build WHERE campaign=$1")
/* Contacts of the next rows; the last column: dialed or skipped in pass $4 already. */
#define PG_USED(pass)                                                                          \
    "s.pass=" pass " OR (SELECT 1 FROM attempt t WHERE t.contact=s.id AND t.pass=" pass        \
    " LIMIT 1) IS NOT NULL"
PG(BUILD_NEXT,
   "SELECT id,priority," PG_USED("$5") " FROM contact_state s WHERE list=$1 AND"
                                       " id>$2 AND id<=$3 AND priority=0 ORDER BY id LIMIT $4")
PG(BUILD_NEXT_LATE,
   "SELECT id,priority," PG_USED("$5") " FROM contact_state s WHERE list=$1"
                                       " AND id>$2 AND id<=$3 ORDER BY id LIMIT $4")
/* By rank among the ranked: behind (priority $2, id $3), priorities between $4 and $2. */
PG(BUILD_NEXT_RANKED,
   "SELECT id,priority," PG_USED(
       "$7") " FROM contact_state s WHERE list=$1"
             " AND priority<>0 AND priority<=$2 AND priority>=$4 AND (priority<$2 OR"
             " id>$3) AND id<=$5 ORDER BY priority DESC,id LIMIT $6")
PG(QUEUE_PUT, "INSERT INTO queue SELECT $1,k.zone_set,k.rank,k.contact FROM unnest($2,$3,$4)"
              " k(zone_set,contact,rank) ON CONFLICT DO NOTHING RETURNING zone_set")
/* Which of the rows are there, and whether their lanes have a row behind them. */
PG(QUEUE_LOOK,
   "SELECT (SELECT 1 FROM queue q WHERE q.campaign=$1 AND q.zone_set=k.zone_set AND"
   " q.rank=k.rank AND q.contact=k.contact LIMIT 1) IS NOT NULL,(SELECT 1 FROM queue"
   " q WHERE q.campaign=$1 AND q.zone_set=k.zone_set AND (q.rank,q.contact)>"
   "(k.rank,k.contact) LIMIT 1) IS NOT NULL FROM unnest($2,$3,$4) WITH ORDINALITY"
   " k(zone_set,contact,rank,n) ORDER BY k.n")
PG(QUEUE_CLEAR, "DELETE FROM queue WHERE campaign=$1 AND (zone_set,rank,contact) IN"
                " (SELECT zone_set,rank,contact FROM queue WHERE campaign=$1 LIMIT $2)")
PG(LANES_LOCK,
   "SELECT zone_set,rank,contact FROM queue_lane WHERE campaign=$1 ORDER BY zone_set"
   " FOR UPDATE")
PG(LANE_ADD,
   "INSERT INTO queue_lane SELECT k.campaign,k.zone_set,k.n,'',0 FROM unnest($1,$2,$3)"
   " k(campaign,zone_set,n) ORDER BY 1,2 ON CONFLICT(campaign,zone_set) DO UPDATE SET"
   " queued=queue_lane.queued+excluded.queued WHERE excluded.queued<>0")
PG(LANE_MOVE, "INSERT INTO queue_lane SELECT k.campaign,k.zone_set,0,k.rank,k.contact FROM"
              " unnest($1,$2,$3,$4) k(campaign,zone_set,contact,rank) ORDER BY 1,2 ON"
              " CONFLICT(campaign,zone_set) DO UPDATE SET rank=excluded.rank,"
              "contact=excluded.contact WHERE (queue_lane.rank,queue_lane.contact)<"
              "(excluded.rank,excluded.contact)")
PG(LANE_LIST, "SELECT zone_set,queued FROM queue_lane WHERE campaign=$1 ORDER BY zone_set")
PG(LANE_CLEAR, "DELETE FROM queue_lane WHERE campaign=$1")
PG(DUE_PUT, "INSERT INTO due SELECT k.campaign,k.class,k.zone_set,k.at,k.contact,k.col,k.pass,"
            "k.is_first<>0 FROM unnest($1,$2,$3,$4,$5,$6,$7,$8) k(campaign,class,zone_set,at,"
            "contact,col,pass,is_first) ORDER BY 1,2,3,4,5 ON"
            " CONFLICT(campaign,class,zone_set,at,contact) DO UPDATE SET col=excluded.col,"
            "pass=excluded.pass,is_first=excluded.is_first")
PG(DUE_GET, "SELECT d.campaign,d.class,d.zone_set,d.at,d.contact,d.col,d.pass,d.is_first FROM"
            " unnest($1,$2,$3,$4,$5) k(campaign,class,zone_set,at,contact) JOIN due d ON"
            " d.campaign=k.campaign AND d.class=k.class AND d.zone_set=k.zone_set AND"
            " d.at=k.at AND d.contact=k.contact")
PG(DUE_DELETE, "DELETE FROM due d USING unnest($1,$2,$3,$4,$5) k(campaign,class,zone_set,at,"
               "contact) WHERE d.campaign=k.campaign AND d.class=k.class AND"
               " d.zone_set=k.zone_set AND d.at=k.at AND d.contact=k.contact")
PG(DUE_NEXT, "SELECT min(at) FROM due WHERE campaign=$1 AND at>$2")
/* Rows of other passes than $2; callbacks outlive a pass unless $3. */
PG(DUE_CLEAR, "DELETE FROM due WHERE campaign=$1 AND pass<>$2 AND (class>3 OR $3<>0) AND"
              " (class,zone_set,at,contact) IN (SELECT class,zone_set,at,contact FROM due"
              " WHERE campaign=$1 AND pass<>$2 AND (class>3 OR $3<>0) LIMIT $4)")

/* Filters of campaigns */
PG(FILTER_GET, "SELECT stamp,filter FROM campaign_filter WHERE campaign=$1")
PG(FILTER_STAMPS, "SELECT campaign,stamp FROM campaign_filter WHERE campaign=ANY($1)")
PG(FILTER_PUT, "INSERT INTO campaign_filter VALUES($1,$2,$3) ON CONFLICT(campaign) DO UPDATE"
               " SET stamp=$2,filter=$3")
PG(FILTER_DELETE, "DELETE FROM campaign_filter WHERE campaign=$1")

/* Claims. $3 pass, $4 now; only contacts that may be dialed from the row. */
PG(CLAIM_DUE,
   "SELECT k.n,d.* FROM unnest($2,$5) WITH ORDINALITY k(zone_set,room,n) CROSS JOIN LATERAL"
   " (SELECT c.class,d.at,d.contact,d.col FROM generate_series(1,6) c(class) CROSS"
   " JOIN LATERAL (SELECT d.at,d.contact,d.col FROM due d JOIN contact_state s ON"
   " s.list=d.contact>>32 AND s.id=d.contact WHERE d.campaign=$1 AND"
   " d.class=c.class AND d.zone_set=k.zone_set AND d.at<=$4 AND s.state=0 AND (NOT d.is_first"
   " OR NOT (" PG_USED("$3") ")) ORDER BY d.at,d.contact LIMIT k.room) d ORDER BY"
                             " c.class,d.at,d.contact LIMIT k.room) d ORDER BY"
                             " k.n,d.class,d.at,d.contact")
/* Rows of each lane ($2) behind a position ($5, $6), or where there is none ($4=0) behind the
 * stored cursor, at most $7 of each, and whether their contacts may be dialed in pass $3. */
#define PG_CURSOR(column, none)                                                                \
    "coalesce((SELECT l." column                                                               \
    " FROM queue_lane l WHERE l.campaign=$1 AND l.zone_set=k.zone_set)," none ")"
PG(CLAIM_QUEUE,
   "SELECT k.n,q.* FROM (SELECT k.n,k.zone_set,k.room,CASE WHEN k.is_placed<>0 THEN k.rank ELSE"
   " " PG_CURSOR("rank", "''::bytea") " END rank,CASE WHEN k.is_placed<>0 THEN k.contact "
                                      "ELSE " PG_CURSOR(
                                          "contact",
                                          "0") " END contact FROM unnest($2,$4,$5,$6,$7) WITH "
                                               "ORDINALITY"
                                               " k(zone_set,is_placed,rank,contact,room,n) "
                                               "OFFSET 0) k CROSS JOIN LATERAL (SELECT q.rank,"
                                               "q.contact,s.state=0 AND NOT (" PG_USED(
                                                   "$3") ") FROM queue q LEFT JOIN "
                                                         "contact_state s ON"
                                                         " s.list=q.contact>>32 AND "
                                                         "s.id=q.contact WHERE q.campaign=$1 "
                                                         "AND q.zone_set=k.zone_set AND"
                                                         " (q.rank,q.contact)>(k.rank,k."
                                                         "contact) ORDER BY q.rank,q.contact "
                                                         "LIMIT k.room) q ORDER BY"
                                                         " k.n,q.rank,q.contact")
/* What a campaign has to know of the contacts ($1) and of their numbers: attempts since, and
 * whether one of the lists $2 has the number now ($3). A window that starts at 0 is not asked.
 */
PG(CLAIM_CONTACTS,
   "SELECT k.id,CASE WHEN $3=0 THEN 0 ELSE (SELECT count(*) FROM attempt t WHERE"
   " t.contact=k.id AND t.at>=greatest($3,s.counted_from)) END FROM unnest($1,$2) k(list,id)"
   " JOIN contact_state s ON s.list=k.list AND s.id=k.id")
PG(CLAIM_NUMBERS, "SELECT a.number,CASE WHEN $5=0 THEN 0 ELSE (SELECT count(*) FROM"
                  " attempt t WHERE t.number=a.number AND t.at>=greatest($5,s.counted_from))"
                  " END,(SELECT 1 FROM"
                  " dnc d WHERE d.list=ANY($3) AND d.number=a.number AND (d.expires_at=0 OR"
                  " d.expires_at>$4) LIMIT 1) IS NOT NULL,CASE WHEN $5=0 THEN 0 ELSE "
                  "greatest($5,s.counted_from) END"
                  " FROM unnest($1,$2) k(list,id) JOIN contact_state s ON s.list=k.list AND"
                  " s.id=k.id JOIN address a ON a.list=k.list AND a.contact=k.id WHERE"
                  " a.number<>0")

/* The dialer's group */
PG(ATTEMPT_GET, "SELECT a.id,coalesce(max(f.seq),0),coalesce(bool_or(f.kind=1),false) FROM"
                " unnest($1,$2) k(campaign,id) JOIN attempt a ON a.campaign=k.campaign AND"
                " a.id=k.id LEFT JOIN attempt_fact f ON f.campaign=a.campaign AND"
                " f.attempt=a.id GROUP BY a.id")
PG(ATTEMPT_PASSES, "SELECT k.contact,k.pass FROM unnest($1,$2) k(contact,pass) WHERE"
                   " EXISTS(SELECT 1 FROM attempt a WHERE a.contact=k.contact AND"
                   " a.pass=k.pass)")
PG(ATTEMPTS_OF_CONTACTS, "SELECT k.contact,k.since,(SELECT count(*) FROM attempt a WHERE"
                         " a.contact=k.contact AND a.at>=k.since) FROM unnest($1,$2)"
                         " k(contact,since)")
PG(ATTEMPTS_OF_NUMBERS, "SELECT k.number,k.since,(SELECT count(*) FROM attempt a WHERE"
                        " a.number=k.number AND a.at>=k.since) FROM unnest($1,$2)"
                        " k(number,since)")
PG(ATTEMPT_INSERT, "INSERT INTO attempt(campaign,id,at,contact,number,agent,caller,pass,epoch,"
                   "col,mode) SELECT * FROM unnest($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)")
PG(FACT_INSERT,
   "INSERT INTO attempt_fact(campaign,attempt,at,answered_at,ended_at,wrapup,agent,"
   "seq,sip_status,q850_cause,kind,outcome,state,note) SELECT * FROM"
   " unnest($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)")
#define PG_RUNNING "SELECT r.campaign,r.call,r.contact,r.pass,r.cell,r.col,r.is_ended FROM "
PG(RUNNING_GET, PG_RUNNING "unnest($1,$2) k(campaign,call) JOIN running r ON"
                           " r.campaign=k.campaign AND r.call=k.call")
PG(RUNNING_NEXT, PG_RUNNING "running r WHERE r.cell=$1 AND r.call>$2 ORDER BY r.call LIMIT $3")
PG(RUNNING_PUT, "INSERT INTO running SELECT k.campaign,k.call,k.contact,k.pass,k.cell,k.col,"
                "k.is_ended<>0 FROM unnest($1,$2,$3,$4,$5,$6,$7) k(campaign,call,contact,pass,"
                "cell,col,is_ended) ON CONFLICT(campaign,call) DO UPDATE SET"
                " is_ended=excluded.is_ended")
PG(RUNNING_DELETE, "DELETE FROM running r USING unnest($1,$2) k(campaign,call) WHERE"
                   " r.campaign=k.campaign AND r.call=k.call")
PG(RUN_PUT, "INSERT INTO campaign_run SELECT * FROM unnest($1,$2,$3) ON CONFLICT(campaign) DO"
            " UPDATE SET status=excluded.status,pass=excluded.pass")
PG(COUNT_ADD,
   "INSERT INTO run_count SELECT k.campaign,k.pass,k.name,k.n FROM unnest($1,$2,$3,$4)"
   " k(campaign,pass,n,name) ORDER BY 1,2,3 ON CONFLICT(campaign,pass,name) DO UPDATE"
   " SET n=run_count.n+excluded.n")

/* History */
PG(RUN_GET, "SELECT status,pass FROM campaign_run WHERE campaign=$1")
PG(RUN_DELETE, "DELETE FROM campaign_run WHERE campaign=$1")
PG(COUNT_LIST, "SELECT name,n FROM run_count WHERE campaign=$1 AND pass=$2 ORDER BY name")
PG(FACT_LIST, "SELECT f.attempt,f.kind,f.outcome,f.answered_at,f.ended_at,f.sip_status,"
              "f.q850_cause,f.wrapup,f.agent FROM unnest($1,$2) k(campaign,attempt) JOIN"
              " attempt_fact f ON f.campaign=k.campaign AND f.attempt=k.attempt ORDER BY"
              " f.attempt,f.seq")
#define PG_ATTEMPTS(condition, order)                                                          \
    "SELECT id,at,campaign,contact,col,number,agent,pass FROM attempt WHERE " condition order  \
    " LIMIT $4"
PG(ATTEMPTS_UP, PG_ATTEMPTS("id>$3 AND $1=0 AND $2=0", " ORDER BY id"))
PG(ATTEMPTS_DOWN, PG_ATTEMPTS("id<$3 AND $1=0 AND $2=0", " ORDER BY id DESC"))
PG(ATTEMPTS_CAMPAIGN_UP, PG_ATTEMPTS("campaign=$1 AND $2=0 AND id>$3", " ORDER BY id"))
PG(ATTEMPTS_CAMPAIGN_DOWN, PG_ATTEMPTS("campaign=$1 AND $2=0 AND id<$3", " ORDER BY id DESC"))
PG(ATTEMPTS_CONTACT_UP,
   PG_ATTEMPTS("contact=$2 AND ($1=0 OR campaign=$1) AND id>$3", " ORDER BY id"))
PG(ATTEMPTS_CONTACT_DOWN,
   PG_ATTEMPTS("contact=$2 AND ($1=0 OR campaign=$1) AND id<$3", " ORDER BY id DESC"))
PG(ATTEMPTS_NUMBER_UP, PG_ATTEMPTS("$1=0 AND number=$2 AND id>$3", " ORDER BY id"))
PG(ATTEMPTS_NUMBER_DOWN, PG_ATTEMPTS("$1=0 AND number=$2 AND id<$3", " ORDER BY id DESC"))

/* Persons */
PG(CONSENT_INSERT, "INSERT INTO consent(number,kind,at,expires_at,recorded_at,actor_kind,actor,"
                   "scope,source,text,proof) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)"
                   " RETURNING id")
#define PG_CONSENTS(condition)                                                                 \
    "SELECT id,number,kind,at,expires_at,recorded_at,actor_kind,actor,scope,source,text,proof" \
    " FROM consent WHERE " condition " AND id>$2 AND ($3 IS NULL OR scope=$3) ORDER BY id"     \
    " LIMIT $4"
PG(CONSENT_LIST, PG_CONSENTS("$1=0"))
PG(CONSENT_LIST_NUMBER, PG_CONSENTS("number=$1"))
PG(ERASE_CONSENTS, "UPDATE consent SET number=$2,source='',text='',proof='' WHERE number=$1")
PG(ERASE_EVENTS, "UPDATE contact_fact SET before=NULL,note=NULL WHERE list=$1 AND contact=$2")
PG(ERASE_NOTES, "UPDATE attempt_fact SET note=NULL WHERE campaign=$1 AND attempt=$2 AND note IS"
                " NOT NULL")
PG(ERASE_ATTEMPT, "UPDATE attempt SET number=$4 WHERE campaign=$1 AND id=$2 AND at=$3")
PG(ATTEMPTS_TO_ERASE,
   "SELECT campaign,id,at,number FROM attempt WHERE (contact=$1 OR number=$2)"
   " AND number>0 LIMIT $3")

/* Jobs */
PG(JOB_INSERT,
   "INSERT INTO job(kind,state,subject_kind,subject,owner_kind,owner,task,place,failure,"
   "total,done,refused,resumes,has_file,created_at,ended_at)"
   " VALUES($1,$2,$3,$4,$5,$6,$7,$8,'',$9,0,0,0,$10<>0,$11,0) RETURNING id")
PG(JOB_UPDATE, "UPDATE job SET state=$2,place=$3,failure=$4,total=$5,done=$6,refused=$7,"
               "resumes=$8,has_file=$9<>0,ended_at=$10 WHERE id=$1 RETURNING id")
PG(JOB_MARK, "UPDATE job SET place=$2,total=$3,done=$4,refused=$5 WHERE id=$1 RETURNING id")
#define PG_JOB                                                                                 \
    "SELECT id,kind,state,subject_kind,subject,owner_kind,owner,task,place,failure,total,"     \
    "done,refused,resumes,has_file,created_at,ended_at FROM job WHERE "
PG(JOB_GET, PG_JOB "id=$1")
#define PG_JOB_LIST(order)                                                                     \
    PG_JOB "($1=0 OR kind=$1) AND ($2=0 OR (subject_kind=$2 AND subject=$3)) AND"              \
           " ($4=0 OR state<2) AND ($5=0 OR (ended_at>0 AND ended_at<$5)) AND" order           \
           " LIMIT $7"
PG(JOB_LIST_UP, PG_JOB_LIST(" id>$6 ORDER BY id"))
PG(JOB_LIST_DOWN, PG_JOB_LIST(" ($6=0 OR id<$6) ORDER BY id DESC"))
PG(JOB_DELETE, "DELETE FROM job WHERE id=$1")
