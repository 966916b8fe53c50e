/* Contact management as SFR GCC has it, a contact's history, consent, and a person's rights. The ids
 * (C06, X5, ...) are those of the feature catalogue. */
import { check, equal, refused } from './world.mjs';

const LISTS = '/api/cadran/v1/contactlists';

async function list_make(world) {
    const list = await world.outbound.postOutboundContactlists({
        name: 'Gestion', columnNames: ['Nom', 'Fixe', 'Mobile'],
        phoneColumns: [{ columnName: 'Fixe', type: 'Home' }, { columnName: 'Mobile', type: 'Cell' }] });
    const people = [1, 2, 3, 4].map((i) => ({
        id: `g${i}`, contactListId: list.id,
        data: { Nom: `Personne ${i}`, Fixe: `+3314000000${i}`, Mobile: `+3364000000${i}` } }));
    await world.outbound.postOutboundContactlistContacts(list.id, people);
    return list;
}

/* C08-C35: what a supervisor sees of a contact. */
async function seen(world, list) {
    const contact = await world.get(`${LISTS}/${list.id}/contacts/g1`);
    equal(contact.id, 'g1', 'C08: the contact has its id');
    equal(contact.globalState, 'waiting', 'C09, C11: a new contact is waiting');
    equal(contact.addresses.map((address) => [address.column, address.type, address.state]),
          [['Fixe', 'Home', 'scheduled'], ['Mobile', 'Cell', 'waiting']],
          'C20, C22, C30: the first address is scheduled, the next one waits');
    equal(contact.addresses[0].phoneNumber, '+33140000001', 'C28: the address is its number');
    equal(contact.addresses[0].timeZones, ['Europe/Paris'], 'C29: the zone comes from the number');
    equal([contact.priority, contact.topPriority, contact.manualReschedules], [0, false, 0],
          'C26, C31, C32: priority, top priority and reschedules begin at nothing');
    equal(contact.contactListId, list.id, 'C34: the contact says its list');
    check(/^\d{4}-.*Z$/.test(contact.lastUpdate), 'C35: the last update is a date', contact);
    equal([contact.nextTry, contact.preferredAgent, contact.disposition], [undefined, undefined, undefined],
          'C25, C27, C33: nothing is said of what was never set');
    equal(contact.view, 'list', 'C06: what no campaign has taken up is in list management');
    const listed = await world.get(`${LISTS}/${list.id}/contacts?view=list&pageSize=3`);
    equal([listed.entities.length, listed.hasMore], [3, true], 'C05: the view is paged');
    const managed = await world.get(`${LISTS}/${list.id}/contacts?view=managed`);
    equal(managed.entities, [], 'C07: contact management is empty before a campaign runs');
    await refused(world.get(`${LISTS}/${list.id}/contacts?view=other`), 400, 'invalid.value', /list, managed, deleted or all/,
                  'a view that there is not');
}

/* C14-C18, C48, C49 and the transitions of 2.2. */
async function acts(world, list) {
    const act = (action, contactIds, more = {}) =>
        world.post(`${LISTS}/${list.id}/contacts/actions`, { action, contactIds, ...more });
    const state = async (id) => (await world.get(`${LISTS}/${list.id}/contacts/${id}`)).globalState;
    equal(await act('pause', ['g1', 'g2'], { reason: 'vacances' }),
          { action: 'pause', changed: 2, unchanged: 0, inUse: 0 }, 'C15: contacts are paused by selection');
    equal(await state('g1'), 'paused', 'C15: a paused contact says so');
    equal((await act('pause', ['g1'])).unchanged, 1, '2.2: a paused contact cannot be paused');
    equal((await act('resume', ['g1'])).changed, 1, '2.2: a paused contact is resumed');
    equal(await state('g1'), 'waiting', '2.2: a resumed contact waits');
    await act('shelve', ['g3'], { reason: 'numéro à corriger' });
    equal(await state('g3'), 'shelved', 'C18: a contact is shelved');
    equal((await act('reset', ['g3'])).unchanged, 1, '2.2: what is shelved is not reset');
    await act('unshelve', ['g3']);
    equal(await state('g3'), 'waiting', 'C18: an unshelved contact waits');
    equal((await act('reset', ['g2'])).changed, 1, 'C48: a paused contact is reset');
    equal(await state('g2'), 'waiting', 'C48: a reset contact waits');
    equal((await act('load', ['g4'])).changed, 1, 'C49: a contact goes back to list management');
    const moved = await act('move', ['g2'], { nextTry: '2030-01-02T03:04:05.000Z', topPriority: true });
    equal(moved.changed, 1, 'C25, C44: a contact is put off');
    const contact = await world.get(`${LISTS}/${list.id}/contacts/g2`);
    equal([contact.nextTry, contact.topPriority], ['2030-01-02T03:04:05.000Z', true], 'C25, C31: its next try is kept');
    await refused(act('move', ['g2'], { topPriority: true }), 400, 'invalid.value', /nextTry/, 'C44: top priority needs a date');
    await refused(act('move', ['g2'], { nextTry: 'tomorrow' }), 400, 'invalid.value', /nextTry/, 'a date that is none');
    await refused(act('burn', ['g2']), 400, 'invalid.value', /action/, 'an action that there is not');
    await refused(act('pause', ['g99']), 404, 'not.found', /no such contact/, 'an unknown contact');
    await refused(act('pause', Array.from({ length: 1001 }, () => 'g1')), 400, 'invalid.value', /contactIds/, 'too many at once');
}

/* C39-C46: made one by one; C50: changed. */
async function made(world, list) {
    const path = `${LISTS}/${list.id}/contacts`;
    const agents = await world.users.getUsers();
    const agent = agents.entities[0];
    const body = { id: 'm1', data: { Nom: 'Nouvelle', Fixe: '01 40 00 00 99' }, priority: 200,
                   nextTry: '2031-01-01T08:00:00.000Z', preferredAgent: { id: agent.id }, topPriority: true,
                   timeZone: 'America/Martinique' };
    const contact = await world.post(path, body);
    equal([contact.id, contact.globalState, contact.contactListId], ['m1', 'waiting', list.id],
          'C04, C39, C46: a contact is created, and waits');
    equal(contact.priority, 200, 'C40: with its priority');
    equal([contact.nextTry, contact.topPriority], ['2031-01-01T08:00:00.000Z', true], 'C41, C44: with its next try');
    equal(contact.preferredAgent.id, agent.id, 'C42: with its preferred agent');
    equal([contact.addresses[0].phoneNumber, contact.addresses[0].type], ['+33140000099', 'Home'], 'C43, C45: with its address');
    equal(contact.addresses[0].timeZones, ['America/Martinique'], 'C45: with its own time zone');
    const plain = await world.post(path, { data: { Nom: 'Simple', Mobile: '+33640000098' } });
    equal([plain.priority, plain.nextTry, plain.topPriority], [0, undefined, false], 'C40, C41: what is left out has its default');
    check(/^[0-9a-f-]{36}$/.test(plain.id), 'C08: an id is drawn where none is given', plain);
    const paused = await world.post(path, { id: 'm2', data: { Fixe: '+33140000097' }, state: 'paused' });
    equal(paused.globalState, 'paused', 'C39: another state keeps it from being called');
    const wrong = (more, words, sentence) =>
        refused(world.post(path, { ...body, id: 'm9', ...more }), 400, 'invalid.value', words, sentence);
    await wrong({ data: { Nom: 'Sans adresse' } }, /data/, 'C43: an address is required');
    await wrong({ priority: 256 }, /priority/, 'C40: at most 255');
    await wrong({ priority: -1 }, /priority/, 'C40: at least 0');
    await wrong({ timeZone: 'Mars/Base' }, /timeZone/, 'C45: a zone that there is not');
    await wrong({ nextTry: undefined }, /nextTry/, 'C44: top priority needs its date');
    await wrong({ preferredAgent: { id: list.id } }, /preferredAgent/, 'C42: an agent that there is not');
    await wrong({ state: 'running' }, /state/, 'C39: a state that nobody sets');
    await refused(world.post(path, body), 409, 'conflict', /already/, 'C08: an id that the list has');
    const changed = await world.patch(`${path}/m1`, {
        data: { ...body.data, Nom: 'Changée' }, priority: 3, topPriority: false, nextTry: null,
        preferredAgent: null, dataVersion: contact.dataVersion });
    equal([changed.data.Nom, changed.priority, changed.topPriority, changed.nextTry, changed.preferredAgent],
          ['Changée', 3, false, undefined, undefined], 'C50: every field can be changed');
    const kept = await world.patch(`${path}/m1`, { callable: false });
    equal([kept.callable, kept.data.Nom, kept.priority], [false, 'Changée', 3], 'C50: what is not named stays');
    equal(kept.addresses[0].timeZones, ['America/Martinique'], 'C45: nor is a zone that was given lost by a change of something else');
    await world.outbound.putOutboundContactlistContact(list.id, 'm1', { contactListId: list.id, data: { ...body.data, Nom: 'Encore' } });
    equal((await world.get(`${path}/m1`)).addresses[0].timeZones, ['America/Martinique'], 'C45: nor by a client of Genesys Cloud');
    await world.outbound.postOutboundContactlistContacts(list.id, [{ id: 'm1', contactListId: list.id, data: body.data }]);
    const posted = (await world.get(`${path}/m1`)).addresses[0];
    equal([posted.timeZones, posted.isTimeZoneGiven], [['America/Martinique'], true], 'C45: nor by contacts that are added anew, or imported');
    equal((await world.patch(`${path}/m1`, { data: { ...body.data, Fixe: '+33140000096' } })).addresses[0].timeZones,
          ['Europe/Paris'], 'C45: another number has a zone of its own');
    const given = await world.patch(`${path}/m1`, { timeZone: 'America/Cayenne' });
    equal(given.addresses[0].timeZones, ['America/Cayenne'], 'C45, C50: a zone can be given later');
    const renewed = (await world.patch(`${path}/m1`, { timeZone: null })).addresses[0];
    equal([renewed.timeZones, renewed.isTimeZoneGiven], [['Europe/Paris'], false], 'C45: and taken away: the number says it again');
    await refused(world.patch(`${path}/m1`, { callable: true, dataVersion: 1 }), 409, 'version.conflict', /./, 'C50: a stale version');
    await world.outbound.deleteOutboundContactlistContacts(list.id, ['m1', 'm2', plain.id]);
}

/* C16, C17, C52. */
async function list_states(world, list) {
    const change = async (more) =>
        world.put(`${LISTS}/${list.id}`, { ...await world.get(`${LISTS}/${list.id}`), ...more });
    const read = await world.get(`${LISTS}/${list.id}`);
    equal([read.state, read.listPriority, read.isDefault, read.contactClosedRatio], ['started', 0, false, 0],
          'C52: a list begins started, and nothing of it is closed');
    equal(read.states, { waiting: 4 }, 'C09: the list counts its contacts by state');
    const put = await change({ state: 'stopped', listPriority: 7 });
    equal([put.state, put.listPriority], ['stopped', 7], 'C52: state and priority of a list are kept');
    equal((await world.get(`${LISTS}/${list.id}/contacts/g1`)).globalState, 'list_stopped', 'C16: a stopped list shows');
    await change({ state: 'paused' });
    equal((await world.get(`${LISTS}/${list.id}/contacts/g1`)).globalState, 'list_suspended', 'C17: a paused list shows');
    await refused(change({ state: 'asleep' }), 400, 'invalid.value', /state/, 'a state that there is not');
    await refused(change({ listPriority: 256 }), 400, 'invalid.value', /listPriority/, 'C52: at most 255');
    await change({ state: 'started' });
    await refused(world.put(`${LISTS}/${list.id}`, { ...read, state: 'stopped' }), 409, 'version.conflict', /somebody else/, 'C52: a stale version');
    equal((await world.get(`${LISTS}/${list.id}/contacts/g1`)).globalState, 'waiting', '2.2: started again, contacts are as before');
}

/* X9: rows that never change, and what was at an instant. */
async function history(world, list) {
    const path = `${LISTS}/${list.id}/contacts/g1/history`;
    const before = new Date().toISOString();
    const contact = await world.outbound.getOutboundContactlistContact(list.id, 'g1');
    await world.outbound.putOutboundContactlistContact(list.id, 'g1', {
        ...contact, data: { ...contact.data, Nom: 'Épouse Dupont' } });
    const read = await world.get(path);
    const kinds = read.events.map((event) => event.action ?? event.kind);
    equal(kinds, ['created', 'pause', 'resume', 'changed'], 'X9: what happened is told in order');
    equal(read.events[1].note, 'vacances', 'X9: a reason is kept');
    check(read.events[1].by?.id === world.server.secrets.client.id, 'X9: who did it is kept', read.events[1]);
    equal(read.events[3].dataBefore.Nom, 'Personne 1', 'X9: a change keeps what was');
    const then = await world.get(`${path}?at=${before}`);
    equal([then.moment.isThere, then.moment.globalState, then.moment.data.Nom], [true, 'waiting', 'Personne 1'],
          'X9: the contact as it was');
    const paused = await world.get(`${path}?at=${read.events[1].at}`);
    equal(paused.moment.globalState, 'paused', 'X9: the state as it was');
    const never = await world.get(`${path}?at=2001-01-01T00:00:00Z`);
    equal(never.moment.isThere, false, 'X9: before it was added there was none');
    await refused(world.get(`${path}?at=yesterday`), 400, 'invalid.value', /at:/, 'an instant that is none');
    const own = read.contactId;
    await world.outbound.deleteOutboundContactlistContact(list.id, 'g1');
    const gone = await world.get(`${LISTS}/${list.id}/contacts/${own}/history?at=${before}`);
    equal(gone.events.at(-1).kind, 'deleted', 'C14, C51: a deleted contact keeps its history');
    equal([gone.moment.isThere, gone.moment.data.Nom], [true, 'Personne 1'], 'X9: what is gone can be seen as it was');
    const removed = await world.get(`${LISTS}/${list.id}/contacts?view=deleted&pageSize=1`);
    const [last] = removed.entities;
    equal([removed.entities.length, last.id, last.view, last.globalState, last.data.Nom], [1, 'g1', 'deleted', 'deleted', gone.events.at(-1).dataBefore.Nom],
          'C14: who was deleted is told of, with what they were');
    check(Math.abs(Date.parse(last.dateDeleted) - Date.now()) < 60000 && last.deletedBy, 'C14: when, and by whom', last);
    equal((await world.get(`${LISTS}/${list.id}/contacts?view=all&pageSize=100`)).entities.some((one) => one.id === 'g1'), false,
          'C14: and is no contact of the list any more');
}

/* X5: record, scope, withdraw, prove. */
async function consents(world) {
    const phoneNumber = '+33140000002';
    const state = (more) => world.get(`/api/cadran/v1/consents/state?phoneNumber=%2B33140000002&scope=marketing${more ?? ''}`);
    equal((await state()).state, 'unknown', 'X5: nothing is known at first');
    const [given] = await world.post('/api/cadran/v1/consents', [{
        phoneNumber, scope: 'marketing', source: 'formulaire web', text: 'J’accepte d’être appelé.',
        proof: 'form-42', at: '2026-09-01T10:00:00.000Z', expires: '2026-12-31T00:00:00.000Z' }]);
    equal([given.kind, given.phoneNumber, given.proof], ['given', phoneNumber, 'form-42'], 'X5: a consent is recorded');
    equal((await state()).by.id, given.id, 'X5: the proof is the row itself');
    equal((await state('&at=2026-08-31T00:00:00Z')).state, 'unknown', 'X5: not before it was given');
    equal((await state('&at=2027-01-01T00:00:00Z')).state, 'expired', 'X5: not after it ran out');
    await world.post('/api/cadran/v1/consents', [{
        phoneNumber, kind: 'withdrawn', scope: 'marketing', source: 'téléphone', at: '2026-10-01T00:00:00.000Z' }]);
    equal((await state()).state, 'withdrawn', 'X5: a withdrawal ends it');
    equal((await state('&at=2026-09-15T00:00:00Z')).state, 'given', 'X5: what was lawful then stays proven');
    const other = await world.get('/api/cadran/v1/consents/state?phoneNumber=%2B33140000002&scope=surveys');
    equal(other.state, 'unknown', 'X5: a consent holds for its scope alone');
    const all = await world.get('/api/cadran/v1/consents?phoneNumber=%2B33140000002');
    equal(all.entities.map((one) => one.kind), ['given', 'withdrawn'], 'X5: the ledger keeps both');
    const page = await world.get(`/api/cadran/v1/consents?pageSize=1&after=${given.id}`);
    equal([page.entities.length, page.entities[0].kind, page.hasMore], [1, 'withdrawn', false], 'X5: it is paged by key');
    const wrong = (row, words, sentence) =>
        refused(world.post('/api/cadran/v1/consents', [row]), 400, 'invalid.value', words, sentence);
    await wrong({ phoneNumber: 'x', scope: 'a', source: 'b' }, /\[0\]\.phoneNumber/, 'a number that is none');
    await wrong({ phoneNumber, source: 'b' }, /\[0\]\.scope/, 'X5: a consent without a scope');
    await wrong({ phoneNumber, scope: 'a' }, /\[0\]\.source/, 'X5: a consent without a source');
    await wrong({ phoneNumber, scope: 'a', source: 'b', kind: 'maybe' }, /\[0\]\.kind/, 'a kind that there is not');
    await wrong({ phoneNumber, scope: 'a', source: 'b', at: '2199-01-01T00:00:00Z' }, /\[0\]\.at/, 'a consent of tomorrow');
}

async function rights(world, list) {
    const number = '+33140000002';
    const ask = () => world.get('/api/cadran/v1/persons?phoneNumber=%2B33140000002');
    const held = await ask();
    equal(held.contacts.map((contact) => [contact.id, contact.contactList.name]), [['g2', 'Gestion']],
          'rights: the contacts of a number are found');
    equal(held.consents.length, 2, 'rights: so are its consents');
    check(held.contacts[0].history.length > 1, 'rights: and the history', held.contacts[0]);
    await refused(world.post('/api/cadran/v1/persons/erasure', { phoneNumber: number }), 400, 'invalid.value', /reason/,
                  'rights: an erasure has a reason');
    const erased = await world.post('/api/cadran/v1/persons/erasure', { phoneNumber: number, reason: 'asked for' });
    equal([erased.contacts, erased.consents, erased.isWhole], [1, 2, true], 'rights: a person is erased');
    const after = await ask();
    equal([after.contacts, after.attempts, after.consents], [[], [], []], 'rights: nothing is held any more');
    await refused(world.get(`${LISTS}/${list.id}/contacts/g2`), 404, 'not.found', /no such contact/, 'rights: the contact is gone');
    /* What is told of a deleted contact is held, too, and goes with the rest. */
    const [former] = await world.outbound.postOutboundContactlistContacts(list.id, [
        { id: 'r0', data: { Nom: 'Ancien', Fixe: '01 40 00 00 60' } }, { id: 'r00', data: { Nom: 'Autre', Fixe: '01 41 00 00 60' } }]);
    for (const id of [former.id, 'r00'])
        await world.outbound.deleteOutboundContactlistContact(list.id, id);
    const past = () => world.get('/api/cadran/v1/persons?phoneNumber=%2B33140000060');
    const told = (await past()).contacts;
    equal((await past()).isWhole, true, 'rights: all of it was looked through');
    equal(told.map((one) => [one.id, one.globalState, one.data.Nom, one.history.at(-1).kind]), [['r0', 'deleted', 'Ancien', 'deleted']],
          'rights: a contact that was deleted is found by the number that it had');
    const cleared = await world.post('/api/cadran/v1/persons/erasure', { phoneNumber: '+33140000060', reason: 'asked for' });
    equal([cleared.contacts, cleared.isWhole, (await past()).contacts], [0, true, []], 'rights: what is told of it goes');
    const still = await world.get(`/api/cadran/v1/contactlists/${list.id}/contacts?view=deleted&pageSize=100`);
    equal(still.entities.filter((one) => /^r0/.test(one.id)).map((one) => one.id), ['r00'], 'rights: and that of nobody else');
    /* By contact: a number that is another's too stays his. */
    const [one, other] = await world.outbound.postOutboundContactlistContacts(list.id, [
        { id: 'r1', data: { Nom: 'Un', Fixe: '+33140000071', Mobile: '+33612000071' } }, { id: 'r2', data: { Nom: 'Deux', Fixe: '+33140000071' } }]);
    for (const phoneNumber of ['+33140000071', '+33612000071'])
        await world.post('/api/cadran/v1/consents', [{ phoneNumber, scope: 'offers', source: 'form' }]);
    const of = `contactListId=${list.id}&contactId=${one.id}`;
    const about = await world.get(`/api/cadran/v1/persons?${of}`);
    equal([about.phoneNumbers, about.contacts.map((contact) => contact.id), about.consents.length],
          [['+33140000071', '+33612000071'], ['r1'], 2], 'rights: everything about a contact, by its id');
    check(about.contacts[0].history.length > 0 && about.contacts[0].data.Nom === 'Un', 'rights: with its data and its history', about.contacts);
    const gone = await world.post('/api/cadran/v1/persons/erasure', { contactListId: list.id, contactId: one.id, reason: 'asked for' });
    equal([gone.contacts, gone.consents, gone.isWhole], [1, 1, true], 'rights: a contact is erased, and the number that was its own');
    const shared = await world.get('/api/cadran/v1/persons?phoneNumber=%2B33140000071');
    equal([shared.contacts.map((contact) => contact.id), shared.consents.length], [[other.id], 1], 'rights: what it shared with another stays with that one');
    equal((await world.get('/api/cadran/v1/persons?phoneNumber=%2B33612000071')).consents, [], 'rights: its own is forgotten');
    await refused(world.get(`/api/cadran/v1/persons?${of}`), 404, 'not.found', /no such contact/, 'rights: who is gone is not told of');
    await refused(world.get(`/api/cadran/v1/persons?contactId=${one.id}`), 400, 'invalid.value', /contactListId/, 'rights: a contact without its list');
    await refused(world.get(`/api/cadran/v1/persons?phoneNumber=%2B33140000071&${of}`), 400, 'invalid.value', /in its place/, 'rights: one or the other');
    await refused(world.get('/api/cadran/v1/persons?phoneNumber=abc'), 400, 'invalid.value', /phoneNumber/, 'a number that is none');
}

export async function management(world) {
    const list = await list_make(world);
    await seen(world, list);
    await list_states(world, list);
    await acts(world, list);
    await made(world, list);
    await history(world, list);
    await consents(world);
    await rights(world, list);
    await world.outbound.deleteOutboundContactlist(list.id);
}
