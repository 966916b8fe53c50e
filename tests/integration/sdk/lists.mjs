/* Contact lists as files: exports, imports, what comes back. Ids: docs/catalogue.md (N11-N18). */
import { check, equal, refused, until } from './world.mjs';

const NOBODY = '00000000-0000-4000-8000-000000000000';

export function token(world) {
    return { Authorization: `Bearer ${world.client.authData.accessToken}` };
}

/* The bytes of the newest export of a list, through the three steps that a client takes. */
export async function exported(world, list, kind = 'Contactlist', body = undefined) {
    const { outbound } = world;
    const job = await outbound[`postOutbound${kind}Export`](list.id, body && { body });
    check(job.id && job.selfUri.endsWith(`${list.id}/export`), 'N11 an export is begun', job);
    const { uri, exportTimestamp } = await until('the export is made', async () => {
        try {
            return await outbound[`getOutbound${kind}Export`](list.id);
        } catch (body) {
            equal([body.status, body.code], [404, 'not.found'], 'N11 an export that is not made yet is not found');
            return null;
        }
    });
    check(!Number.isNaN(Date.parse(exportTimestamp)), 'N11 an export says when it was made', exportTimestamp);
    const answer = await fetch(uri, { headers: token(world) });
    equal(answer.status, 200, 'N11 the uri gives the file');
    check(/^text\/csv/.test(answer.headers.get('content-type')), 'N11 it is CSV', answer.headers.get('content-type'));
    return answer.text();
}

export async function uploaded(world, list, text, more = {}) {
    const { outbound } = world;
    const upload = await outbound.postOutboundContactlistsUploads({
        id: list.id, fileName: 'a.csv', contentType: 'text/csv', ...more });
    check(upload.url && upload.uploadKey && typeof upload.headers === 'object',
          'N11 an upload has an address, a key and headers', upload);
    const put = await fetch(upload.url, { method: 'PUT', headers: upload.headers, body: text });
    equal(put.status, 200, 'N11 the file is put there');
    const job = (await put.json()).jobId;
    const status = await until('the import ends', async () => {
        const at = await outbound.getOutboundContactlistImportstatus(list.id);
        return at.state !== 'IN_PROGRESS' && at;
    });
    return { ...status, job };
}

const columnNames = ['Nom', 'Ville', 'Fixe', 'Mobile', 'Note'];
const phoneColumns = [{ columnName: 'Fixe', type: 'Home' }, { columnName: 'Mobile', type: 'Cell' }];

/* The columns, in this order. */
export const exportHeader = ['inin-outbound-id', ...columnNames, 'ContactCallable', 'ContactableByVoice',
    'ContactableBySms', 'ContactableByEmail', 'ZipCodeAutomaticTimeZone',
    ...['Fixe', 'Mobile'].flatMap((name) => ['CallRecordLastAttempt', 'CallRecordLastResult',
        'CallRecordLastAgentWrapup', 'SmsLastAttempt', 'SmsLastResult', 'Callable', 'ContactableByVoice',
        'ContactableBySms', 'AutomaticTimeZone'].map((prefix) => `${prefix}-${name}`))].join(',');

async function round_trip(world) {
    const { outbound } = world;
    const list = await outbound.postOutboundContactlists({ name: 'Aller', columnNames, phoneColumns,
                                                           trimWhitespace: false, automaticTimeZoneMapping: true });
    await refused(outbound.getOutboundContactlistExport(list.id), 404, 'not.found', /[Nn]obody has exported/,
                  'N11 a list that nobody exported');
    await refused(outbound.postOutboundContactlistExport(NOBODY), 404, 'not.found', /no such contact list/,
                  'N11 the export of no list');
    const people = [
        { id: 'a,1', data: { Nom: 'Zoé "la grande"', Ville: 'Lyon, 3e', Fixe: '+33142000001', Mobile: '06 12 34 56 78', Note: 'une\nligne\r\ndeux' } },
        { id: 'b', data: { Nom: '  Bob ', Ville: '', Fixe: '', Mobile: '', Note: '=1+1' }, callable: false },
        { data: { Nom: 'Chloë', Ville: '日本', Fixe: 'abc', Mobile: '+590690123456', Note: "''" } },
        { id: 'd', data: { Nom: '', Ville: '', Fixe: '+33142000004', Mobile: '+33612000004', Note: '' },
          phoneNumberStatus: { Mobile: { callable: false } },
          contactableStatus: { Sms: { contactable: false, columnStatus: { Fixe: { contactable: false } } },
                               Email: { contactable: false } } },
    ];
    const made = await outbound.postOutboundContactlistContacts(list.id, people);
    const first = await exported(world, list);
    const lines = first.split('\r\n');
    equal(lines[0], exportHeader, '20 N11 an export has the columns of Genesys Cloud, in their order');
    equal(lines[1].startsWith('"a,1","Zoé ""la grande""","Lyon, 3e",+33142000001,06 12 34 56 78,"une\nligne'), true,
          '20 N11 values are as they were', lines[1]);
    const bob = lines.find((line) => line.startsWith('b,'));
    equal(bob, 'b,  Bob ,,,,=1+1,0,0,1,1,,,,,,,1,1,1,,,,,,,1,1,1,',
          '20 N11 an uncallable contact is exported as such');
    check(lines.some((line) => line.startsWith(`${made[2].id},Chloë,`)), '20 N11 drawn ids are exported', first);
    const d = lines.find((line) => line.startsWith('d,')).split(',');
    equal(d.slice(6, 11), ['1', '1', '0', '0', ''], '20 N11 who may be contacted by what is exported');
    equal(d.slice(16, 20), ['1', '1', '0', 'Europe/Paris'], '20 N11 and for each number, with its zone');
    equal(d.slice(25, 29), ['0', '0', '1', 'Europe/Paris'], '20 N11 an uncallable number too');

    const again = await uploaded(world, list, first);
    equal([again.state, again.completedRecords, again.cadran.refusedRecords], ['COMPLETE', 4, 0],
          '20 N11 an export is imported again: every row');
    equal((await outbound.getOutboundContactlist(list.id)).size, 4, '20 N11 into the contacts that it came from');
    equal(await exported(world, list), first, '20 N11 export, import, export gives the same bytes');
    const other = await outbound.postOutboundContactlists({ name: 'Retour', columnNames, phoneColumns,
                                                            trimWhitespace: false, automaticTimeZoneMapping: true });
    await uploaded(world, other, first);
    equal(await exported(world, other), first, '20 N11 and through another list too');

    await uploaded(world, other, first, { clearSystemData: true });
    const cleared = (await exported(world, other)).split('\r\n').find((line) => line.startsWith('d,')).split(',');
    equal(cleared.slice(25, 27), ['1', '1'], '20 N11 clearSystemData resets what the system knew');

    const { uri } = await outbound.getOutboundContactlistExport(list.id);
    equal((await fetch(uri)).status, 401, 'N11 the file is for those who may');
    const redirect = await fetch(`${world.server.base}/api/v2/outbound/contactlists/${list.id}/export?download=true`,
                                 { headers: token(world), redirect: 'manual' });
    equal([redirect.status, redirect.headers.get('location')], [302, uri], 'N11 download=true redirects to it');
    equal((await fetch(uri.replace(/[^/]*$/, NOBODY), { headers: token(world) })).status, 404,
          'N11 a download that never was');
    await outbound.deleteOutboundContactlist(other.id);
    await outbound.deleteOutboundContactlist(list.id);
}

async function undone(world) {
    const { outbound, get, post } = world;
    const list = await outbound.postOutboundContactlists({ name: 'Repris', columnNames, phoneColumns });
    await outbound.postOutboundContactlistContacts(list.id, [{ id: 'stays', data: { Nom: 'x', Fixe: '+33142000009' } }]);
    const rows = Array.from({ length: 500 }, (_, i) => `n${i},+3314200${1000 + i}`);
    const { job } = await uploaded(world, list, `Nom,Fixe\n${rows.join('\n')}\n`);
    equal((await outbound.getOutboundContactlist(list.id)).size, 501, 'N13 a file is imported');
    const ids = () => fetch(`${world.server.base}/api/cadran/v1/contactlists/${list.id}/ids`, { headers: token(world) });
    const answer = await ids();
    check(/^text\/csv/.test(answer.headers.get('content-type')) && /ids\.csv/.test(answer.headers.get('content-disposition')),
          'N13 which contact each line became is a file', [...answer.headers]);
    const lines = (await answer.text()).split('\r\n');
    equal([lines.length, lines[0]], [502, 'line,inin-outbound-id'], 'N13 it has each line of the file');
    for (const [at, line, name] of [[1, 2, 'n0'], [500, 501, 'n499']]) {
        const [, of, id] = lines[at].match(/^(\d+),"(.*)"$/);
        const contact = await outbound.getOutboundContactlistContact(list.id, id);
        equal([Number(of), contact.data.Nom], [line, name], 'N13 and the id of the contact that it became');
    }
    await post(`/api/cadran/v1/jobs/${job}/undo`);
    const end = await until('the import is taken back', async () => {
        const at = await get(`/api/cadran/v1/jobs/${job}`);
        return ['undone', 'failed'].includes(at.state) && at;
    });
    equal([end.state, end.kind, end.subject.id], ['undone', 'contacts_import', list.id], 'N13 an import is taken back');
    equal((await outbound.getOutboundContactlist(list.id)).size, 1, 'N13 all of it, and nothing else');
    equal((await ids()).status, 404, 'N13 ids of contacts that are gone are not told');
    await refused(post(`/api/cadran/v1/jobs/${job}/undo`), 409, 'conflict', /only an import that is complete/,
                  'N13 taking it back twice');
    await refused(post(`/api/cadran/v1/jobs/${job}/cancel`), 409, 'conflict', /ended already/,
                  'N13 cancelling what has ended');
    check((await get('/api/cadran/v1/jobs')).entities.some((one) => one.id === job), 'N13 jobs are listed');
    await outbound.deleteOutboundContactlist(list.id);
}

/* Every field of a contact. */
async function contact_fields(world) {
    const { outbound } = world;
    const list = await outbound.postOutboundContactlists({ name: 'Champs', columnNames, phoneColumns,
                                                           automaticTimeZoneMapping: true });
    const body = {
        id: 'x', contactListId: list.id, callable: true,
        data: { Nom: 'Anne', Fixe: '+33142000001', Mobile: '+590690123456' },
        phoneNumberStatus: { Mobile: { callable: false } },
        contactableStatus: { Voice: { contactable: true, columnStatus: { Fixe: { contactable: true } } },
                             Sms: { contactable: false, columnStatus: { Mobile: { contactable: false } } },
                             Email: { contactable: true, columnStatus: {} } },
        latestSmsEvaluations: { Mobile: { contactColumn: 'Mobile', contactAddress: '+590690123456', messageType: 'sms',
                                          wrapupCodeId: 'ININ-OUTBOUND-MESSAGE-SENT', timestamp: '2026-01-02T03:04:05.000Z' } },
        retentionType: 'RetentionDays', retentionDays: 30 };
    const [made] = await outbound.postOutboundContactlistContacts(list.id, [body]);
    const read = await outbound.getOutboundContactlistContact(list.id, 'x');
    equal(read, made, 'N11 a contact is read as it was made');
    equal(read.phoneNumberStatus, { Fixe: { callable: true }, Mobile: { callable: false } }, 'N11 phoneNumberStatus');
    equal(read.contactableStatus.Voice, { contactable: true, columnStatus: { Fixe: { contactable: true }, Mobile: { contactable: false } } },
          'N11 contactableStatus.Voice says the same as phoneNumberStatus');
    equal(read.contactableStatus.Sms, body.contactableStatus.Sms, 'N11 contactableStatus.Sms');
    equal(read.contactableStatus.Email, body.contactableStatus.Email, 'N11 contactableStatus.Email');
    equal(read.latestSmsEvaluations, body.latestSmsEvaluations, 'N11 latestSmsEvaluations');
    equal([read.retentionType, read.retentionDays], ['RetentionDays', 30], 'N11 retention of a contact');
    equal(Date.parse(read.dateExpiration) - Date.parse(read.dateCreated), 30 * 86400000, 'N11 dateExpiration follows from it');
    equal(read.contactColumnTimeZones.Fixe, { timeZone: 'Europe/Paris', columnType: 'PHONE' }, 'N11 contactColumnTimeZones');
    equal(read.contactColumnTimeZones.Mobile.timeZone, 'America/Guadeloupe', 'N11 and overseas');
    equal([read.callRecords, read.configurationOverrides], [{}, { priority: false }], 'N11 callRecords, configurationOverrides');
    check(Math.abs(Date.parse(read.dateCreated) - Date.now()) < 60000, 'N11 dateCreated', read.dateCreated);

    const put = await outbound.putOutboundContactlistContact(list.id, 'x', { ...read,
        contactableStatus: { ...read.contactableStatus, Voice: { contactable: false } } });
    equal([put.callable, put.contactableStatus.Voice.contactable], [false, false],
          'N11 a contact that cannot be contacted by voice is not callable');
    equal([put.phoneNumberStatus.Mobile.callable, put.contactableStatus.Sms.contactable], [false, false],
          'N11 a PUT keeps the rest');
    const [kept] = await outbound.postOutboundContactlistContacts(list.id, [{ id: 'x', contactListId: list.id, data: body.data }]);
    equal([kept.callable, kept.phoneNumberStatus.Mobile.callable, kept.contactableStatus.Sms.contactable],
          [false, false, false], 'N11 adding a known contact keeps what the system knows');
    const [cleared] = await outbound.postOutboundContactlistContacts(list.id, [{ id: 'x', contactListId: list.id, data: body.data }],
                                                                     { clearSystemData: true });
    equal([cleared.callable, cleared.phoneNumberStatus.Mobile.callable, cleared.contactableStatus.Sms.contactable],
          [true, true, true], 'N11 clearSystemData forgets it');
    const [first] = await outbound.postOutboundContactlistContacts(list.id, [{ id: 'x', contactListId: list.id, data: body.data,
                                                                                configurationOverrides: { priority: true } }]);
    equal(first.configurationOverrides.priority, true, 'N11 priority');

    const [same] = await outbound.postOutboundContactlistContacts(list.id, [{ id: 'x', contactListId: list.id, data: body.data }]);
    equal(same.dateExpiration, read.dateExpiration, 'N11 what is not said of its retention stays');
    const date = '2031-01-02T03:04:05.000Z';
    const until_date = await outbound.putOutboundContactlistContact(list.id, 'x', { contactListId: list.id, data: body.data, dateExpiration: date });
    equal([until_date.dateExpiration, until_date.retentionType], [date, undefined], 'N11 a contact that is kept until a date');
    const never = await outbound.putOutboundContactlistContact(list.id, 'x', { contactListId: list.id, data: body.data, retentionType: 'Never' });
    equal([never.retentionType, 'dateExpiration' in never], ['Never', false], 'N11 and for ever');

    const wrong = [
        [{ ...body, retentionType: 'Week' }, /^\[0\]\.retentionType: must be one of Never, Today, RetentionDays/],
        [{ ...body, retentionDays: undefined }, /^\[0\]\.retentionDays: required when retentionType is RetentionDays/],
        [{ ...body, retentionDays: 4000 }, /^\[0\]\.retentionDays: must be a whole number from 1 to 3650/],
        [{ ...body, retentionType: undefined, dateExpiration: 'soon' }, /^\[0\]\.dateExpiration: must be a date/],
        [{ ...body, id: 'y'.repeat(101) }, /^\[0\]\.id: must have at most 100 characters/],
        [{ ...body, data: { Nom: 'é'.repeat(513) } }, /^\[0\]\.data\.Nom: must have at most 512 characters/],
        [{ ...body, data: { Nom: 7 } }, /^\[0\]\.data\.Nom: must be a text/],
        [{ id: 'z' }, /^\[0\]\.data: required/],
        [{ ...body, phoneNumberStatus: { Nom: { callable: true } } }, /^\[0\]\.phoneNumberStatus\.Nom: is not a phone column/],
        [{ ...body, phoneNumberStatus: { Fixe: { callable: 'no' } } }, /^\[0\]\.phoneNumberStatus\.callable: must be true or false/],
        [{ ...body, callable: 'yes' }, /^\[0\]\.callable(\.callable)?: must be true or false/],
    ];
    for (const [one, words] of wrong)
        await refused(outbound.postOutboundContactlistContacts(list.id, [one]), 400, 'invalid.value', words,
                      '19 N11 a wrong contact');
    const [full] = await outbound.postOutboundContactlistContacts(list.id, [{ id: 'f', data: { Nom: 'é'.repeat(512) } }]);
    equal(full.data.Nom.length, 512, '19 N11 512 characters are taken');
    await outbound.deleteOutboundContactlist(list.id);
}

export async function job_ended(world, list, id) {
    return until('the bulk job ends', async () => {
        const job = await world.outbound.getOutboundContactlistContactsBulkJob(list.id, id);
        return job.state !== 'InProgress' && job;
    });
}

/* Bulk edit and remove are jobs. */
async function bulk_jobs(world) {
    const { outbound } = world;
    const list = await outbound.postOutboundContactlists({ name: 'En masse', columnNames, phoneColumns });
    const all = Array.from({ length: 600 }, (_, i) => ({
        id: `m${i}`, contactListId: list.id, data: { Nom: `N${i}`, Ville: 'Lyon', Fixe: `+3314200${1000 + i}` } }));
    await outbound.postOutboundContactlistContacts(list.id, all);
    const contactIds = all.slice(0, 550).map((one) => one.id);
    const begun = await outbound.postOutboundContactlistContactsBulkUpdate(list.id, {
        contactIds: [...contactIds, 'nobody'], generateDownloadURI: true,
        contact: { contactListId: list.id, data: { Ville: 'Metz', Mobile: '+33612345678' }, callable: false,
                   phoneNumberStatus: { Fixe: { callable: false } } } });
    check(begun.id && begun.type === 'BulkEdit', 'N11 a bulk edit is a job', begun);
    const ended = await job_ended(world, list, begun.id);
    equal([ended.state, ended.type, ended.totalRecords, ended.completedRecords, ended.percentComplete],
          ['Complete', 'BulkEdit', 550, 550, 100], 'N11 it says how far it is');
    const changed = await outbound.getOutboundContactlistContact(list.id, 'm7');
    equal([changed.data, changed.callable, changed.phoneNumberStatus],
          [{ Nom: 'N7', Ville: 'Metz', Fixe: '+33142001007', Mobile: '+33612345678', Note: '' }, false,
           { Fixe: { callable: false }, Mobile: { callable: true } }],
          'N11 what it names is changed, and nothing else');
    const spared = await outbound.getOutboundContactlistContact(list.id, 'm560');
    equal([spared.data.Ville, spared.callable], ['Lyon', true], 'N11 and nobody else');
    equal((await outbound.postOutboundContactlistContactsSearch(list.id, { pageSize: 1, pageNumber: 1, phoneNumber: '+33612345678' }))
        .entities.length, 1, 'N11 the new number is found');
    const backup = await (await fetch(ended.downloadURI, { headers: token(world) })).text();
    equal([backup.split('\r\n')[0], backup.split('\r\n').length], [exportHeader, 552], 'N11 the backup is an export of them');
    check(backup.includes('m7,N7,Lyon,+33142001007,,,1,1,'), 'N11 as they were before', backup.slice(0, 900));
    await uploaded(world, list, backup);
    const back = await outbound.getOutboundContactlistContact(list.id, 'm7');
    equal([back.data, back.callable, back.phoneNumberStatus.Fixe.callable], [{ ...all[7].data, Mobile: '', Note: '' }, true, true],
          'N11 and imported again it brings them back');

    const removal = await outbound.postOutboundContactlistContactsBulkRemove(list.id, { contactIds: contactIds.slice(0, 300) });
    const gone = await job_ended(world, list, removal.id);
    equal([gone.state, gone.type, gone.completedRecords, 'downloadURI' in gone], ['Complete', 'BulkDelete', 300, false],
          'N11 a bulk removal is a job');
    equal((await outbound.getOutboundContactlist(list.id)).size, 300, 'N11 they are removed');
    const jobs = await outbound.getOutboundContactlistContactsBulkJobs(list.id);
    equal([jobs.total, jobs.entities.map((one) => one.id)], [2, [removal.id, begun.id]], 'N11 bulk jobs are listed');
    await refused(outbound.getOutboundContactlistContactsBulkJob(list.id, NOBODY), 404, 'not.found', /no such job/, 'N11 no such job');
    await refused(outbound.postOutboundContactlistContactsBulkRemove(list.id, {}), 400, 'invalid.value', /exactly one of/,
                  'N11 a removal of nobody in particular');
    await refused(outbound.postOutboundContactlistContactsBulkUpdate(list.id, { contactIds: ['a'] }), 400, 'invalid.value',
                  /^contact: required/, 'N11 a bulk edit that changes nothing');
    await refused(outbound.postOutboundContactlistContactsBulkUpdate(list.id, {
        contactIds: ['a'], contact: { contactListId: list.id, data: { Couleur: 'x' } } }), 400, 'invalid.value',
    /^contact\.data\.Couleur: is not a column/, 'N11 a bulk edit of a column that is not there');
    await outbound.deleteOutboundContactlist(list.id);
}

/* C38: bulk work on whatever a filter finds, saved or not. */
async function bulk_by_filter(world) {
    const { outbound } = world;
    const list = await outbound.postOutboundContactlists({ name: 'Par filtre', columnNames, phoneColumns });
    const towns = ['Lyon', 'Metz', 'Brest'];
    await outbound.postOutboundContactlistContacts(list.id, Array.from({ length: 900 }, (_, i) => ({
        id: `f${i}`, contactListId: list.id, data: { Nom: `N${i}`, Ville: towns[i % 3], Fixe: `+3314300${1000 + i}` } })));
    const town = (value) => ({ filterType: 'AND', clauses: [{ filterType: 'AND', predicates: [
        { column: 'Ville', columnType: 'ALPHABETIC', operator: 'EQUALS', value }] }] });
    const count = async (expression) => (await world.post(`/api/v2/outbound/contactlists/${list.id}/contacts/search`,
        { pageSize: 1, pageNumber: 1, expression })).total;

    const begun = await outbound.postOutboundContactlistContactsBulkUpdate(list.id, {
        criteria: town('Lyon'), generateDownloadURI: true, contact: { contactListId: list.id, data: { Ville: 'Nice' } } });
    const ended = await job_ended(world, list, begun.id);
    equal([ended.state, ended.completedRecords], ['Complete', 300], 'N11 a bulk edit by criteria changes what they find, once each');
    equal([await count('Ville = "Lyon"'), await count('Ville = "Nice"'), await count('Ville = "Metz"')], [0, 300, 300],
          'N11 though what is changed is no longer found');
    const backup = (await (await fetch(ended.downloadURI, { headers: token(world) })).text()).split('\r\n');
    equal([backup.length, backup.filter((line) => line.includes(',Lyon,')).length], [302, 300], 'N11 its backup has them as they were');

    const saved = await outbound.postOutboundContactlistfilters({ name: 'Messins', contactList: { id: list.id }, ...town('Metz') });
    const removal = await outbound.postOutboundContactlistContactsBulkRemove(list.id, { contactListFilterId: saved.id });
    equal((await job_ended(world, list, removal.id)).completedRecords, 300, 'N11 a bulk removal by a saved filter');
    equal([await count('Ville = "Metz"'), await count('')], [0, 600], 'N11 removes what it finds and nobody else');

    const act = (body) => world.post(`/api/cadran/v1/contactlists/${list.id}/contacts/actions`, body);
    const paused = await act({ action: 'pause', expression: 'Ville = "Nice" AND State = "Waiting"', reason: 'grève' });
    const done = await until('the contacts are paused', async () => {
        const job = await world.get(`/api/cadran/v1/jobs/${paused.id}`);
        return job.state === 'complete' && job;
    });
    equal([done.kind, done.done, done.refused], ['contacts_act', 300, 0], 'C38, C15 an act on what an expression finds is a job');
    equal([await count('State = "Paused"'), await count('State = "Paused" AND Ville = "Nice"')], [300, 300], 'C15 it pauses them');

    for (const [body, words] of [
        [{ criteria: {} }, /^criteria: an empty filter is every contact/],
        [{ criteria: town('Lyon'), contactIds: ['f1'] }, /exactly one of/],
        [{ criteria: { filterType: 'AND', clauses: [{ filterType: 'AND', predicates: [{ column: 'Couleur', operator: 'EQUALS', value: 'x' }] }] } },
            /^criteria\..*Couleur|^criteria\./],
        [{ contactListFilterId: NOBODY }, /^contactListFilterId: there is no such/],
    ])
        await refused(outbound.postOutboundContactlistContactsBulkRemove(list.id, body), 400, 'invalid.value', words,
                      'N11 a removal by a filter that does not say whom');
    await refused(act({ action: 'pause', expression: 'Vile = "Nice"' }), 400, 'invalid.value', /^expression/, 'C38 a wrong expression');
    equal(await count(''), 600, 'N11 a refused removal removes nobody');

    const refs = (text) => text.trim().split('\r\n').slice(1).map((line) => line.split(',')[0]);
    const mes = await exported(world, list, 'Contactlist', { criteria: town('Brest') });
    equal([refs(mes).length, mes.includes('Nice'), mes.split('\r\n')[0]], [300, false, exportHeader],
          'N11 an export by criteria has what they find');
    equal(refs(await exported(world, list, 'Contactlist', { contactIds: ['f2', 'f0', 'nobody'] })), ['f2', 'f0'],
          'C47 N11 an export of selected contacts has those that are there');
    equal(refs(await exported(world, list, 'Contactlist', { contactListFilterId: saved.id })), [],
          'N11 an export by a filter that finds nobody has its header alone');
    equal(refs(await exported(world, list, 'Contactlist', {})).length, 600, 'C47 N11 an export of an empty request has everybody');
    await refused(outbound.postOutboundContactlistExport(list.id, { body: { contactListFilterId: NOBODY } }), 400,
                  'invalid.value', /^contactListFilterId: there is no such/, 'N11 an export by a filter that is not there');
    await outbound.deleteOutboundContactlistfilter(saved.id);
    await outbound.deleteOutboundContactlist(list.id);
}

export async function lists(world) {
    await contact_fields(world);
    await bulk_jobs(world);
    await bulk_by_filter(world);
    await round_trip(world);
    await undone(world);
}
