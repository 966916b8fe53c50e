/* statements.h -- every statement of the SQLite store: SQL(NAME, text). Parameters only.
 * Included by connection.h for the names and by connection.c for the texts. */

/* Transactions */
SQL(BEGIN_READ, "BEGIN")
SQL(BEGIN_WRITE, "BEGIN IMMEDIATE")
SQL(COMMIT, "COMMIT")
SQL(ROLLBACK, "ROLLBACK")
SQL(SYNC_FULL, "PRAGMA synchronous=FULL")
SQL(SYNC_NORMAL, "PRAGMA synchronous=NORMAL")

/* Entities */
SQL(ENTITY_INSERT,
    "INSERT INTO entity(kind,version,name,folded,document,created_at,modified_at)"
    " VALUES(?1,1,?2,?3,?4,?5,?5)")
SQL(ENTITY_UPDATE, "UPDATE entity SET version=version+1,name=?2,folded=?3,document=?4,"
                   "modified_at=?5 WHERE id=?1")
SQL(ENTITY_DELETE, "DELETE FROM entity WHERE id=?1")
SQL(ENTITY_GET, "SELECT kind,id,version,name,document,created_at,modified_at FROM entity"
                " WHERE id=?2 AND kind=?1")
SQL(ENTITY_FIND, "SELECT kind,id,version,name,document,created_at,modified_at FROM entity"
                 " WHERE kind=?1 AND folded=?2")
/* ?2: 0 any, 1 equals, 2 prefix, 3 contains */
#define SQL_ENTITY_LIST(order)                                                                 \
    "SELECT kind,id,version,name,document,created_at,modified_at FROM entity WHERE kind=?1"    \
    " AND CASE ?2 WHEN 0 THEN 1 WHEN 1 THEN folded=?3 WHEN 2 THEN"                             \
    " substr(folded,1,length(?3))=?3 ELSE instr(folded,?3)>0 END ORDER BY " order              \
    " LIMIT ?4 OFFSET ?5"
SQL(ENTITY_LIST_NAME, SQL_ENTITY_LIST("folded,id"))
SQL(ENTITY_LIST_NAME_DOWN, SQL_ENTITY_LIST("folded DESC,id DESC"))
SQL(ENTITY_LIST_DATE, SQL_ENTITY_LIST("created_at,id"))
SQL(ENTITY_LIST_DATE_DOWN, SQL_ENTITY_LIST("created_at DESC,id DESC"))
SQL(ENTITY_COUNT, "SELECT count(*) FROM entity WHERE kind=?1 AND CASE ?2 WHEN 0 THEN 1 WHEN 1"
                  " THEN folded=?3 WHEN 2 THEN substr(folded,1,length(?3))=?3 ELSE"
                  " instr(folded,?3)>0 END")
SQL(REF_INSERT, "INSERT OR IGNORE INTO entity_ref(kind,id,ref_kind,ref_id) VALUES(?1,?2,?3,?4)")
SQL(REF_DELETE, "DELETE FROM entity_ref WHERE kind=?1 AND id=?2")
SQL(REF_USERS, "SELECT r.kind,r.id,e.name FROM entity_ref r JOIN entity e ON e.id=r.id"
               " WHERE r.ref_kind=?1 AND r.ref_id=?2 ORDER BY r.id")
SQL(SECRET_PUT, "INSERT INTO secret VALUES(?1,?2,?3) ON CONFLICT DO UPDATE SET secret=?3")
SQL(SECRET_GET, "SELECT secret FROM secret WHERE kind=?1 AND id=?2")
SQL(SECRET_DELETE, "DELETE FROM secret WHERE kind=?1 AND id=?2")

/* Tokens and keys */
SQL(TOKEN_PUT, "INSERT INTO token VALUES(?1,?2,?3,?4,?5) ON CONFLICT DO UPDATE SET kind=?2,"
               "owner=?3,expires_at=?4,is_session=?5")
SQL(TOKEN_GET, "SELECT kind,owner,expires_at,is_session FROM token WHERE hash=?1")
SQL(TOKEN_DELETE, "DELETE FROM token WHERE hash=?1")
SQL(TOKEN_PURGE, "DELETE FROM token WHERE hash IN"
                 " (SELECT hash FROM token WHERE expires_at<?1 LIMIT 20)")
SQL(KEY_GET, "SELECT value FROM key WHERE name=?1")
SQL(KEY_PUT, "INSERT INTO key VALUES(?1,?2)")

/* Cells and sequences */
SQL(CELL_GET, "SELECT epoch FROM cell WHERE cell=?1")
SQL(CELL_PUT, "INSERT INTO cell VALUES(?1,?2) ON CONFLICT DO UPDATE SET epoch=?2")
SQL(SEQUENCE_NEXT, "UPDATE sequence SET value=value+1 WHERE name=?1 RETURNING value")

/* Zones */
SQL(ZONE_SET_FIND, "SELECT id FROM zone_set WHERE names=?1")
SQL(ZONE_SET_INSERT, "INSERT INTO zone_set(names) VALUES(?1)")
SQL(ZONE_SET_NAMES, "SELECT names FROM zone_set WHERE id=?1")
SQL(ZONE_SET_LIST, "SELECT id,names FROM zone_set ORDER BY id")

/* Contacts */
SQL(LIST_GET, "SELECT contact_last,contact_count,number_upto,edits FROM list WHERE id=?1")
SQL(LIST_PUT, "INSERT INTO list VALUES(?1,?2,?3,?4,?5) ON CONFLICT DO UPDATE SET"
              " contact_last=?2,contact_count=?3,number_upto=?4,edits=?5")
SQL(CONTACT_INSERT,
    "INSERT INTO contact(id,external_id,version,updated_at,data,created_at,batch,extra,"
    "expires_at) VALUES(?1,?2,1,?3,?4,?3,?5,?6,?7)")
SQL(CONTACT_UPDATE, "UPDATE contact SET version=version+1,updated_at=?2,data=?3,"
                    "extra=coalesce(?4,extra),expires_at=CASE WHEN ?5 THEN ?6 ELSE expires_at"
                    " END WHERE id=?1")
SQL(CONTACT_VERSION, "SELECT version FROM contact WHERE id=?1")
/* Contacts of an import that no call has touched, behind ?1. */
SQL(CONTACT_OF_BATCH,
    "SELECT c.id,s.pass<>0 OR s.state=1 FROM contact c JOIN contact_state s ON s.id=c.id"
    " WHERE c.id>?1 AND c.id<=?2 AND c.batch=?3 ORDER BY c.id LIMIT ?4")
SQL(CONTACT_DELETE, "DELETE FROM contact WHERE id=?1")
SQL(CONTACT_GET, "SELECT external_id,version,updated_at,data,extra,batch,created_at,expires_at"
                 " FROM contact WHERE id=?1")
SQL(CONTACT_EXPIRED,
    "SELECT c.id FROM contact c JOIN contact_state s ON s.id=c.id WHERE"
    " c.expires_at<>0 AND c.expires_at<=?1 AND s.state<>1 ORDER BY c.expires_at,"
    "c.id LIMIT ?2")
SQL(CONTACT_FIND, "SELECT id FROM contact WHERE (id>>32)=?1 AND external_id=?2")
SQL(CONTACT_NEXT,
    "SELECT id FROM contact WHERE id>?1 AND id<=?2 ORDER BY id LIMIT ?3 OFFSET ?4")
/* The two views: covered by the build of a queue and not put back since, or not. */
#define SQL_CONTACT_VIEW(is_managed)                                                           \
    "SELECT id FROM contact_state s WHERE id>?1 AND id<=?2 AND EXISTS(SELECT 1 FROM"           \
    " queue_build b WHERE b.list=?5 AND " SQL_BUILD_COVERS(                                    \
        "s.id") " AND"                                                                         \
                " NOT ((s.flags&2)<>0 AND b.pass<=s.pass))=" is_managed                        \
                " ORDER BY id LIMIT ?3 OFFSET ?4"
/* What a build has come to: all up to `upto`, and when it is done what came later, up to `at`.
 */
#define SQL_BUILD_COVERS(id)                                                                   \
    "b.stage<>0 AND " id "<=CASE b.stage WHEN 4 THEN b.at ELSE b.upto END"
SQL(CONTACT_NEXT_MANAGED, SQL_CONTACT_VIEW("1"))
SQL(CONTACT_NEXT_WAITING, SQL_CONTACT_VIEW("0"))
SQL(CONTACT_BY_NUMBER, "SELECT contact FROM number_ref WHERE list=?1 AND number=?2 AND"
                       " contact>?3 ORDER BY contact LIMIT ?4 OFFSET ?5")
SQL(CONTACT_BY_NUMBER_SLOW, "SELECT DISTINCT contact FROM address WHERE contact>?1 AND"
                            " contact<=?2 AND number=?3 ORDER BY contact LIMIT ?4 OFFSET ?5")
SQL(CONTACT_ZONES,
    "SELECT z,v,count(*) FROM (SELECT CASE WHEN min(zone_set)=max(zone_set) THEN min(zone_set)"
    " ELSE -1 END z,CASE WHEN ?4<0 THEN '' ELSE (SELECT coalesce(cadran_text(c.data,?4),'')"
    " FROM contact c WHERE c.id=a.contact) END v FROM address a WHERE contact>?1 AND"
    " contact<=?2 AND number<>0 GROUP BY contact) GROUP BY z,v ORDER BY z,v LIMIT ?3")
SQL(STATE_INSERT, "INSERT INTO contact_state(id,version,state,is_callable,priority,pass,"
                  "next_try,flags,agent,reschedules,disposition,touched_at,counted_from)"
                  " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)")
SQL(STATE_UPDATE, "UPDATE contact_state SET version=?2,state=?3,is_callable=?4,priority=?5,"
                  "pass=?6,next_try=?7,flags=?8,agent=?9,reschedules=?10,disposition=?11,"
                  "touched_at=?12,counted_from=?13 WHERE id=?1")
/* Leaves the priority alone: it is in an index. */
SQL(STATE_MOVE,
    "UPDATE contact_state SET version=?2,state=?3,is_callable=?4,pass=?5,next_try=?6,flags=?7,"
    "reschedules=?8,disposition=?9,touched_at=?10,counted_from=?11 WHERE id=?1")
SQL(STATE_DELETE, "DELETE FROM contact_state WHERE id=?1")
SQL(STATE_GET, "SELECT version,state,is_callable,priority,pass,next_try,flags,agent,"
               "reschedules,disposition,touched_at,counted_from FROM contact_state WHERE id=?1")
SQL(STATE_COUNT, "INSERT INTO list_state VALUES(?1,?2,?3) ON CONFLICT DO UPDATE SET n=n+?3")
SQL(STATE_COUNTS, "SELECT state,n FROM list_state WHERE list=?1")
SQL(LIST_SIZE, "SELECT contact_count FROM list WHERE id=?1")
SQL(CONTACT_CREATED, "SELECT created_at FROM contact WHERE id=?1 AND created_at<>0")
SQL(ADDRESS_PUT, "INSERT INTO address VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,"
                 "?13)")
SQL(ADDRESS_UPDATE, "UPDATE address SET state=?3,is_callable=?4,attempts=?5,recalls=?6,"
                    "last_at=?7,last_outcome=?8,last_wrapup=?9 WHERE contact=?1 AND place=?2")
SQL(ADDRESS_DELETE, "DELETE FROM address WHERE contact=?1")
SQL(ADDRESS_GET, "SELECT col,number,zone_set,state,is_callable,attempts,recalls,last_at,"
                 "last_outcome,last_wrapup,is_zone_given FROM address WHERE contact=?1"
                 " ORDER BY place")
SQL(ADDRESS_NUMBERS, "SELECT contact,number FROM address WHERE contact>?1 AND contact<=?2 AND"
                     " number<>0")
SQL(NUMBER_INSERT, "INSERT OR IGNORE INTO number_ref VALUES(?1,?2,?3)")
/* Only while the contact still has the number. */
SQL(NUMBER_INSERT_CHECKED, "INSERT OR IGNORE INTO number_ref SELECT ?1,?2,?3 WHERE EXISTS"
                           " (SELECT 1 FROM address WHERE contact=?3 AND number=?2)")
SQL(NUMBER_DELETE, "DELETE FROM number_ref WHERE list=?1 AND number=?2 AND contact=?3")
SQL(NUMBER_LIST, "SELECT DISTINCT number FROM number_ref WHERE list=?1 AND number>?2"
                 " ORDER BY number LIMIT ?3")

/* Do-not-contact */
SQL(DNC_PUT, "INSERT INTO dnc VALUES(?1,?2,?3) ON CONFLICT DO UPDATE SET expires_at=?3")
SQL(DNC_DELETE, "DELETE FROM dnc WHERE list=?1 AND number=?2")
SQL(DNC_GET, "SELECT expires_at FROM dnc WHERE list=?1 AND number=?2")
SQL(DNC_COUNT, "SELECT (SELECT count(*) FROM dnc WHERE list=?1)+"
               "(SELECT count(*) FROM dnc_value WHERE list=?1)")
SQL(DNC_LIST, "SELECT number,expires_at FROM dnc WHERE list=?1 AND number>?2 ORDER BY number"
              " LIMIT ?3")
SQL(DNC_VALUE_LIST, "SELECT value,expires_at FROM dnc_value WHERE list=?1 AND value>?2"
                    " ORDER BY value LIMIT ?3")
SQL(DNC_VALUE_PUT,
    "INSERT INTO dnc_value VALUES(?1,?2,?3) ON CONFLICT DO UPDATE SET expires_at=?3")
SQL(DNC_VALUE_DELETE, "DELETE FROM dnc_value WHERE list=?1 AND value=?2")
SQL(DNC_VALUE_CHUNK, "SELECT max(value) FROM (SELECT value FROM dnc_value WHERE list=?1 AND"
                     " value>?2 ORDER BY value LIMIT 500)")
SQL(DNC_VALUE_CLEAR, "DELETE FROM dnc_value WHERE list=?1 AND value>?2 AND value<=?3 AND"
                     " (?4=0 OR (expires_at<>0 AND expires_at<=?4))")
/* The contact's value in column ?3 on the list. */
SQL(DNC_CONTACT_GET, "SELECT d.expires_at FROM contact c JOIN dnc_value d ON d.list=?1 AND"
                     " d.value=json_extract(c.data,'$['||?3||']') WHERE c.id=?2")
/* Looks at 500 numbers behind ?2 and gives the last of them. */
SQL(DNC_CHUNK, "SELECT max(number) FROM (SELECT number FROM dnc WHERE list=?1 AND number>?2"
               " ORDER BY number LIMIT 500)")
SQL(DNC_CLEAR, "DELETE FROM dnc WHERE list=?1 AND number>?2 AND number<=?3 AND"
               " (?4=0 OR (expires_at<>0 AND expires_at<=?4))")

/* The dial queue */
SQL(BUILD_GET, "SELECT list,pass,columns,stage,priority_at,at,upto,looked_at,queued,"
               "filter FROM queue_build WHERE campaign=?1")
SQL(BUILD_PUT, "INSERT INTO queue_build VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)"
               " ON CONFLICT DO UPDATE SET list=?2,pass=?3,columns=?4,stage=?5,priority_at=?6,"
               "at=?7,upto=?8,looked_at=?9,queued=?10,filter=?11")
SQL(BUILD_DELETE, "DELETE FROM queue_build WHERE campaign=?1")
SQL(BUILDS_OF_LIST, "SELECT campaign FROM queue_build WHERE list=?1")
SQL(BUILDS_OVER, "SELECT b.campaign,b.pass," SQL_BUILD_COVERS("?2") " FROM queue_build b"
                                                                    " WHERE b.list=?1")
SQL(BUILD_NEXT, "SELECT id,priority FROM contact_state WHERE id>?1 AND id<=?2 AND priority=0"
                " ORDER BY id LIMIT ?3")
SQL(BUILD_NEXT_LATE, "SELECT id,priority FROM contact_state WHERE id>?1 AND id<=?2"
                     " ORDER BY id LIMIT ?3")
/* By rank among the ranked: behind (priority ?2, id ?3), priorities between ?4 and ?5. */
SQL(BUILD_NEXT_RANKED, "SELECT id,priority FROM contact_state WHERE (id>>32)=?1 AND priority<>0"
                       " AND priority<=?2 AND priority>=?4 AND (priority<?2 OR id>?3) AND"
                       " id<=?5 ORDER BY priority DESC,id LIMIT ?6")
SQL(QUEUE_PUT, "INSERT OR IGNORE INTO queue VALUES(?1,?2,?3,?4)")
SQL(QUEUE_HAS,
    "SELECT 1 FROM queue WHERE campaign=?1 AND zone_set=?2 AND rank=?3 AND contact=?4")
SQL(QUEUE_HAS_BEHIND, "SELECT 1 FROM queue WHERE campaign=?1 AND zone_set=?2 AND"
                      " (rank,contact)>(?3,?4) LIMIT 1")
SQL(QUEUE_CLAIM, "SELECT rank,contact FROM queue WHERE campaign=?1 AND zone_set=?2 AND"
                 " (rank,contact)>(?3,?4) ORDER BY rank,contact")
SQL(QUEUE_CLEAR, "DELETE FROM queue WHERE campaign=?1 AND (zone_set,rank,contact) IN"
                 " (SELECT zone_set,rank,contact FROM queue WHERE campaign=?1 LIMIT ?2)")
SQL(LANE_ADD, "INSERT INTO queue_lane VALUES(?1,?2,?3,x'',0) ON CONFLICT DO UPDATE SET"
              " queued=queued+?3")
SQL(LANE_GET, "SELECT rank,contact FROM queue_lane WHERE campaign=?1 AND zone_set=?2")
SQL(LANE_MOVE, "INSERT INTO queue_lane VALUES(?1,?2,0,?3,?4) ON CONFLICT DO UPDATE SET rank=?3,"
               "contact=?4 WHERE (rank,contact)<(?3,?4)")
SQL(LANE_LIST, "SELECT zone_set,queued FROM queue_lane WHERE campaign=?1 ORDER BY zone_set")
SQL(LANE_CLEAR, "DELETE FROM queue_lane WHERE campaign=?1")
SQL(DUE_PUT, "INSERT INTO due VALUES(?1,?2,?3,?4,?5,?6,?7,?8) ON CONFLICT DO UPDATE SET col=?6,"
             "pass=?7,is_first=?8")
SQL(DUE_GET, "SELECT col,pass,is_first FROM due WHERE campaign=?1 AND class=?2 AND zone_set=?3"
             " AND at=?4 AND contact=?5")
SQL(DUE_DELETE, "DELETE FROM due WHERE campaign=?1 AND class=?2 AND zone_set=?3 AND at=?4 AND"
                " contact=?5")
SQL(DUE_DELETE_CONTACT, "DELETE FROM due WHERE contact=?1")
SQL(DUE_HAS, "SELECT 1 FROM due WHERE contact=?1 AND campaign=?2 LIMIT 1")
SQL(DUE_CLAIM, "SELECT at,contact,col,is_first FROM due WHERE campaign=?1 AND class=?2 AND"
               " zone_set=?3 AND at<=?4 ORDER BY at,contact")
SQL(DUE_NEXT, "SELECT min(at) FROM due WHERE campaign=?1 AND at>?2")
/* Rows of other passes than ?2; callbacks outlive a pass unless ?3. */
SQL(DUE_CLEAR, "DELETE FROM due WHERE campaign=?1 AND pass<>?2 AND (class>3 OR ?3) AND"
               " (class,zone_set,at,contact) IN (SELECT class,zone_set,at,contact FROM due"
               " WHERE campaign=?1 AND pass<>?2 AND (class>3 OR ?3) LIMIT ?4)")

/* Filters of campaigns */
SQL(FILTER_GET, "SELECT stamp,filter FROM campaign_filter WHERE campaign=?1")
SQL(FILTER_PUT, "INSERT INTO campaign_filter VALUES(?1,?2,?3) ON CONFLICT DO UPDATE SET"
                " stamp=?2,filter=?3")
SQL(FILTER_DELETE, "DELETE FROM campaign_filter WHERE campaign=?1")

/* Indices of columns: kind 0 the text that orders, 1 the number ('' = none, behind all) */
#define SQL_COLUMN_VALUE                                                                       \
    "CASE ?3 WHEN 0 THEN cadran_key(data,?2) ELSE coalesce(cadran_number(data,?2),'') END"
SQL(INDEX_LIST, "SELECT col,kind FROM column_index WHERE list=?1")
SQL(INDEX_GET, "SELECT upto FROM column_index WHERE list=?1 AND col=?2 AND kind=?3")
SQL(INDEX_COUNT, "SELECT count(*) FROM column_index WHERE list=?1")
SQL(INDEX_PUT, "INSERT INTO column_index VALUES(?1,?2,?3,?4) ON CONFLICT DO UPDATE SET"
               " upto=max(upto,?4)")
/* A contact (?2) came behind the last (?3): indices that were whole are whole with it. */
SQL(INDEX_ADVANCE, "UPDATE column_index SET upto=?2 WHERE list=?1 AND upto=?3")
SQL(INDEX_DELETE, "DELETE FROM column_index WHERE list=?1")
SQL(VALUE_READ, "SELECT id," SQL_COLUMN_VALUE " FROM contact WHERE id>?1 AND id<=?4 ORDER BY id"
                " LIMIT ?5")
SQL(VALUE_OF, "SELECT " SQL_COLUMN_VALUE " FROM contact WHERE id=?1")
SQL(VALUE_INSERT, "INSERT OR IGNORE INTO column_value VALUES(?1,?2,?3,?4,?5)")
/* Only while the contact still has the value. */
SQL(VALUE_INSERT_CHECKED,
    "INSERT OR IGNORE INTO column_value SELECT ?1,?2,?3,?4,?5 FROM contact"
    " WHERE id=?5 AND " SQL_COLUMN_VALUE "=?4")
SQL(VALUE_PUT, "INSERT OR IGNORE INTO column_value SELECT ?1,?2,?3," SQL_COLUMN_VALUE ",id FROM"
               " contact WHERE id=?4")
SQL(VALUE_DELETE, "DELETE FROM column_value WHERE list=?1 AND col=?2 AND kind=?3 AND contact=?4"
                  " AND value=(SELECT " SQL_COLUMN_VALUE " FROM contact WHERE id=?4)")

/* Attempts */
SQL(ATTEMPT_INSERT, "INSERT INTO attempt VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)")
SQL(ATTEMPT_HAS, "SELECT EXISTS(SELECT 1 FROM attempt_fact WHERE attempt=?1 AND kind=1)"
                 " FROM attempt WHERE id=?1")
SQL(ATTEMPTS_OF_CONTACT, "SELECT count(*) FROM attempt WHERE contact=?1 AND at>=?2")
SQL(ATTEMPTS_OF_NUMBER, "SELECT count(*) FROM attempt WHERE number=?1 AND at>=?2")
SQL(ATTEMPT_IN_PASS, "SELECT 1 FROM attempt WHERE contact=?1 AND pass=?2 LIMIT 1")
SQL(FACT_INSERT, "INSERT INTO attempt_fact SELECT ?1,1+coalesce((SELECT max(seq) FROM"
                 " attempt_fact WHERE attempt=?1),0),?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12")
SQL(EVENT_INSERT, "INSERT INTO contact_fact SELECT ?1,1+coalesce((SELECT max(seq) FROM"
                  " contact_fact WHERE contact=?1),0),?2,?3,?4,?5,?6,?7,?8,?9")
SQL(DELETED_LIST, "SELECT contact,at,actor_kind,actor,before FROM contact_fact WHERE "
                  "contact>>32=?1 AND kind=3"
                  " AND before IS NOT NULL ORDER BY at DESC,contact DESC LIMIT ?2 OFFSET ?3")
SQL(DELETED_OLD,
    "SELECT contact FROM contact_fact WHERE contact>>32=?1 AND kind=3 AND before IS"
    " NOT NULL AND at<?2 ORDER BY at,contact LIMIT ?3")
/* kind, at, actor_kind, actor, act, state, before, note, call, campaign, agent, number, col,
 * outcome, wrapup; an attempt's own row, then its facts. */
SQL(EVENT_LIST,
    "SELECT kind,at,actor_kind,actor,act,state,before,note,0,0,0,0,0,0,0,seq FROM contact_fact"
    " WHERE contact=?1 UNION ALL SELECT "
    "5,at,0,0,0,1,NULL,NULL,id,campaign,agent,number,col,0,0,"
    "0 FROM attempt WHERE contact=?1 UNION ALL SELECT 5+f.kind,f.at,0,0,0,f.state,NULL,f.note,"
    "a.id,a.campaign,CASE f.agent WHEN 0 THEN a.agent ELSE f.agent "
    "END,a.number,a.col,f.outcome,"
    "f.wrapup,f.seq FROM attempt a JOIN attempt_fact f ON f.attempt=a.id WHERE a.contact=?1"
    " ORDER BY 2 DESC,1 DESC,16 DESC LIMIT ?2")
SQL(FACT_LIST, "SELECT kind,outcome,answered_at,ended_at,sip_status,q850_cause,wrapup,agent"
               " FROM attempt_fact WHERE attempt=?1 ORDER BY seq")
#define SQL_ATTEMPTS(condition, order)                                                         \
    "SELECT id,at,campaign,contact,col,number,agent,pass FROM attempt WHERE " condition order  \
    " LIMIT ?4"
SQL(ATTEMPTS_UP, SQL_ATTEMPTS("id>?3 AND ?1=0 AND ?2=0", " ORDER BY id"))
SQL(ATTEMPTS_DOWN, SQL_ATTEMPTS("id<?3 AND ?1=0 AND ?2=0", " ORDER BY id DESC"))
SQL(ATTEMPTS_CAMPAIGN_UP, SQL_ATTEMPTS("campaign=?1 AND ?2=0 AND id>?3", " ORDER BY id"))
SQL(ATTEMPTS_CAMPAIGN_DOWN, SQL_ATTEMPTS("campaign=?1 AND ?2=0 AND id<?3", " ORDER BY id DESC"))
SQL(ATTEMPTS_CONTACT_UP,
    SQL_ATTEMPTS("contact=?2 AND (?1=0 OR campaign=?1) AND id>?3", " ORDER BY id"))
SQL(ATTEMPTS_CONTACT_DOWN,
    SQL_ATTEMPTS("contact=?2 AND (?1=0 OR campaign=?1) AND id<?3", " ORDER BY id DESC"))
SQL(ATTEMPTS_NUMBER_UP, SQL_ATTEMPTS("?1=0 AND number=?2 AND id>?3", " ORDER BY id"))
SQL(ATTEMPTS_NUMBER_DOWN, SQL_ATTEMPTS("?1=0 AND number=?2 AND id<?3", " ORDER BY id DESC"))
SQL(RUNNING_PUT, "INSERT INTO running VALUES(?1,?2,?3,?4,?5,?6,?7) ON CONFLICT DO UPDATE SET"
                 " is_ended=?7")
SQL(RUNNING_GET,
    "SELECT call,cell,campaign,contact,pass,col,is_ended FROM running WHERE call=?1")
SQL(RUNNING_NEXT, "SELECT call,cell,campaign,contact,pass,col,is_ended FROM running WHERE"
                  " cell=?1 ORDER BY call LIMIT 1")
SQL(RUNNING_DELETE, "DELETE FROM running WHERE call=?1")
SQL(RUN_PUT, "INSERT INTO campaign_run VALUES(?1,?2,?3) ON CONFLICT DO UPDATE SET status=?2,"
             "pass=?3")
SQL(RUN_GET, "SELECT status,pass FROM campaign_run WHERE campaign=?1")
SQL(RUN_DELETE, "DELETE FROM campaign_run WHERE campaign=?1")
SQL(COUNT_ADD, "INSERT INTO run_count VALUES(?1,?2,?3,1) ON CONFLICT DO UPDATE SET n=n+1")
SQL(COUNT_LIST, "SELECT name,n FROM run_count WHERE campaign=?1 AND pass=?2 ORDER BY name")

/* Jobs */
#define SQL_JOB                                                                                \
    "SELECT id,kind,state,subject_kind,subject,owner_kind,owner,task,place,failure,total,"     \
    "done,refused,resumes,has_file,created_at,ended_at FROM job WHERE "
SQL(JOB_INSERT,
    "INSERT INTO job(kind,state,subject_kind,subject,owner_kind,owner,task,place,failure,"
    "total,done,refused,resumes,has_file,created_at,ended_at)"
    " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,'',?9,0,0,0,?10,?11,0)")
SQL(JOB_UPDATE, "UPDATE job SET state=?2,place=?3,failure=?4,total=?5,done=?6,refused=?7,"
                "resumes=?8,has_file=?9,ended_at=?10 WHERE id=?1 RETURNING id")
SQL(JOB_MARK, "UPDATE job SET place=?2,total=?3,done=?4,refused=?5 WHERE id=?1 RETURNING id")
SQL(JOB_GET, SQL_JOB "id=?1")
#define SQL_JOB_LIST(order)                                                                    \
    SQL_JOB "(?1=0 OR kind=?1) AND (?2=0 OR (subject_kind=?2 AND subject=?3)) AND"             \
            " (?4=0 OR state<2) AND (?5=0 OR (ended_at>0 AND ended_at<?5)) AND" order          \
            " LIMIT ?7"
SQL(JOB_LIST_UP, SQL_JOB_LIST(" id>?6 ORDER BY id"))
SQL(JOB_LIST_DOWN, SQL_JOB_LIST(" (?6=0 OR id<?6) ORDER BY id DESC"))
SQL(JOB_LIST_SUBJECT,
    SQL_JOB "(?1=0 OR kind=?1) AND subject_kind=?2 AND subject=?3 AND"
            " (?4=0 OR state<2) AND (?5=0 OR (ended_at>0 AND ended_at<?5)) AND"
            " id>?6 ORDER BY id LIMIT ?7")
SQL(JOB_LIST_SUBJECT_DOWN,
    SQL_JOB "(?1=0 OR kind=?1) AND subject_kind=?2 AND subject=?3 AND"
            " (?4=0 OR state<2) AND (?5=0 OR (ended_at>0 AND ended_at<?5)) AND"
            " (?6=0 OR id<?6) ORDER BY id DESC LIMIT ?7")
SQL(JOB_DELETE, "DELETE FROM job WHERE id=?1")
/* Persons */
SQL(CONSENT_INSERT,
    "INSERT INTO consent(number,kind,at,expires_at,recorded_at,actor_kind,actor,"
    "scope,source,text,proof) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)")
#define SQL_CONSENTS(condition)                                                                \
    "SELECT id,number,kind,at,expires_at,recorded_at,actor_kind,actor,scope,source,text,proof" \
    " FROM consent WHERE " condition " AND id>?2 AND (?3 IS NULL OR scope=?3) ORDER BY id"     \
    " LIMIT ?4"
SQL(CONSENT_LIST, SQL_CONSENTS("?1=0"))
SQL(CONSENT_LIST_NUMBER, SQL_CONSENTS("number=?1"))
SQL(ERASE_CONSENTS, "UPDATE consent SET number=?2,source='',text='',proof='' WHERE number=?1")
SQL(ERASE_EVENTS, "UPDATE contact_fact SET before=NULL,note=NULL WHERE contact=?1")
SQL(ERASE_NOTES, "UPDATE attempt_fact SET note=NULL WHERE attempt=?1 AND note IS NOT NULL")
SQL(ERASE_ATTEMPT, "UPDATE attempt SET number=?2 WHERE id=?1")
SQL(ATTEMPTS_TO_ERASE, "SELECT id,number FROM attempt WHERE (contact=?1 OR number=?2) AND"
                       " number>0 LIMIT ?3")
