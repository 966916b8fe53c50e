/* Contacts: in bulk, one by one, from files, found again, and the numbers nobody may call. */
import { Listener } from './listener.mjs';
import { check, equal, refused, until } from './world.mjs';

function fixed(i) {
    return `+331420${String(10000 + i)}`;
}

function mobile(i) {
    return `+336120${String(10000 + i)}`;
}

function person(i) {
    return { Nom: `Personne ${i}`, Ville: i % 2 ? 'Lyon' : 'Besançon', Fixe: fixed(i), Mobile: mobile(i) };
}

async function bulk(world) {
    const { outbound, list } = world;
    const all = Array.from({ length: 1000 }, (_, i) => ({ id: `client-${i}`, data: person(i) }));
    const made = await outbound.postOutboundContactlistContacts(list.id, all, {});
    equal(made.map((one) => one.id), all.map((one) => one.id), 'a thousand contacts come in at once');
    equal(made[500].data, person(500), 'with all their values');
    equal((await outbound.getOutboundContactlist(list.id)).size, 1000, 'and the list counts them');
    const changed = { ...person(7), Ville: 'Nîmes' };
    const [again] = await outbound.postOutboundContactlistContacts(list.id, [{ id: 'client-7', data: changed }]);
    equal(again.data, changed, 'a known id replaces the contact');
    equal((await outbound.getOutboundContactlist(list.id)).size, 1000, 'and makes no second one');
    await refused(outbound.postOutboundContactlistContacts(list.id, [...all, all[0]]), 400,
                  'invalid.value', /1001 items; at most 1000/, 'a thousand and one');
    const part = await refused(outbound.postOutboundContactlistContacts(list.id, [
        { id: 'fine', data: person(2000) }, { id: 'wrong', data: { Couleur: 'bleu' } }]), 400,
    'invalid.value', /^\[1\]\.data\.Couleur: is not a column/, 'a column that is not there');
    equal(part.messageParams.field, '[1].data.Couleur', 'and the place is named');
    await refused(outbound.getOutboundContactlistContact(list.id, 'fine'), 404, 'not.found', /contact/,
                  'of a refused call, nothing is kept: its first contact');
}

async function one_by_one(world) {
    const { outbound, list } = world;
    const [unnamed] = await outbound.postOutboundContactlistContacts(list.id, [{ data: person(3000) }], { priority: true });
    check(unnamed.id && unnamed.configurationOverrides.priority === true, 'an id is drawn, and priority kept', unnamed);
    const [same] = await outbound.postOutboundContactlistContacts(list.id, [
        { id: unnamed.id, data: { ...person(3000), Ville: 'Metz' } }]);
    equal([same.id, same.data.Ville], [unnamed.id, 'Metz'], 'an id that we drew replaces its contact too');
    equal((await outbound.getOutboundContactlist(list.id)).size, 1001, 'and makes no second one');
    const read = await outbound.getOutboundContactlistContact(list.id, unnamed.id);
    equal([read.data.Ville, read.callable, read.phoneNumberStatus.Fixe.callable], ['Metz', true, true], 'it is read');
    const put = await outbound.putOutboundContactlistContact(list.id, unnamed.id, {
        ...read, data: { ...read.data, Nom: 'Renommée' }, callable: false });
    equal([put.data.Nom, put.callable], ['Renommée', false], 'it is replaced');
    const several = await outbound.postOutboundContactlistContactsBulk(list.id, ['client-1', 'nobody', unnamed.id]);
    equal(several.map((one) => one.id), ['client-1', unnamed.id], 'several are read at once');
    await outbound.deleteOutboundContactlistContact(list.id, unnamed.id);
    await refused(outbound.getOutboundContactlistContact(list.id, unnamed.id), 404, 'not.found',
                  /no such contact/, 'a removed contact');
    await outbound.postOutboundContactlistContacts(list.id, [4001, 4002, 4003].map(
        (i) => ({ id: `client-${i}`, data: person(i) })));
    await outbound.deleteOutboundContactlistContacts(list.id, ['client-4001', 'client-4003']);
    await refused(outbound.getOutboundContactlistContact(list.id, 'client-4003'), 404, 'not.found',
                  /no such contact/, 'one of several that were removed');
    await outbound.deleteOutboundContactlistContacts(list.id, ['client-4002']);
    equal((await outbound.getOutboundContactlist(list.id)).size, 1000, 'and they are counted no more');
}

async function search(world) {
    const { outbound, list } = world;
    const first = await outbound.postOutboundContactlistContactsSearch(list.id, { pageSize: 100, pageNumber: 1 });
    equal([first.entities.length, first.contactsCount, first.pageCount], [100, 1000, 10], 'contacts are listed');
    const seen = new Set();
    for (let number = 1; number <= first.pageCount; number++) {
        const page = await outbound.postOutboundContactlistContactsSearch(list.id, { pageSize: 100, pageNumber: number });
        page.entities.forEach((one) => seen.add(one.id));
    }
    equal(seen.size, 1000, 'and each is on exactly one page');
    equal((await outbound.postOutboundContactlistContactsSearch(list.id, {})).entities.length, 25,
          'an empty search is the first page');
    const found = await outbound.postOutboundContactlistContactsSearch(list.id, {
        pageSize: 25, pageNumber: 1, phoneNumber: mobile(42) });
    equal(found.entities.map((one) => one.id), ['client-42'], 'a number finds its contact');
    await refused(outbound.postOutboundContactlistContactsSearch(list.id, { pageNumber: 1, pageSize: 25,
                                                                             phoneNumber: 'x' }),
                  400, 'invalid.value', /^phoneNumber: /, 'a search for no number');
}

async function imported(world, list) {
    const { outbound } = world;
    return until('the import ends', async () => {
        const status = await outbound.getOutboundContactlistImportstatus(list.id);
        return status.state !== 'IN_PROGRESS' && status;
    });
}

function rows(first, count) {
    const lines = Array.from({ length: count }, (_, k) => {
        const one = person(first + k);
        return `ref-${first + k};"${one.Nom}; ""${k}""";${one.Ville};${one.Fixe};${one.Mobile}`;
    });
    return `\ufeffRef;Nom;Ville;Fixe;Mobile\r\n${lines.join('\r\n')}\r\n`;
}

async function files(world) {
    const { outbound, server } = world;
    const list = await outbound.postOutboundContactlists({
        name: 'Fichiers', columnNames: ['Ref', 'Nom', 'Ville', 'Fixe', 'Mobile'],
        phoneColumns: [{ columnName: 'Fixe', type: 'Home' }, { columnName: 'Mobile', type: 'Cell' }] });
    const upload = await outbound.postOutboundContactlistsUploads({
        id: list.id, fileName: 'a.csv', contentType: 'text/csv', contactIdName: 'Ref' });
    const topic = `v2.outbound.contactlists.${list.id}.importstatus`;
    const listener = new Listener(world);
    await listener.open([topic]);
    const put = await fetch(upload.url, { method: 'PUT', headers: upload.headers, body: rows(5000, 300) });
    equal(put.status, 200, 'a file goes to the address that was given');
    const status = await imported(world, list);
    equal([status.state, status.totalRecords, status.completedRecords, status.percentComplete],
          ['COMPLETE', 300, 300, 100], 'C04 every row of it comes in');
    const read = await outbound.getOutboundContactlistContact(list.id, 'ref-5004');
    equal(read.data, { Ref: 'ref-5004', ...person(5004), Nom: 'Personne 5004; "4"' },
          'with quotes, accents and separators as they were');
    const told = await until('the end of the import is pushed', () => listener.of(topic).find((one) => one.state !== 'IN_PROGRESS'), 5000);
    equal(told, status, 'an import is told about on its topic');
    listener.close();

    const form = new FormData();
    form.set('id', list.id);
    form.set('fileType', 'contactlist');
    form.set('contact-id-name', 'Ref');
    form.set('file', new Blob([`${rows(5200, 200)}ref-x;Sans numéro;Lyon;abc;\r\n`]), 'b.csv');
    const token = world.client.authData.accessToken;
    const legacy = await fetch(`${server.base}/uploads/v2/contactlist`, {
        method: 'POST', headers: { Authorization: `Bearer ${token}` }, body: form });
    equal(legacy.status, 200, 'a file comes as a form too');
    const second = await imported(world, list);
    equal([second.state, second.totalRecords, second.completedRecords, second.cadran.refusedRecords],
          ['COMPLETE', 201, 200, 1], 'its good rows come in and its bad one is counted');
    equal((await outbound.getOutboundContactlist(list.id)).size, 400, 'known ids were replaced');
    const bare = await fetch(`${server.base}/uploads/v2/contactlist`, { method: 'POST', body: form });
    equal(bare.status, 401, 'a form without a token is refused');
    await outbound.postOutboundContactlistClear(list.id);
    equal((await outbound.getOutboundContactlist(list.id)).size, 0, 'a list is emptied');
    await outbound.deleteOutboundContactlist(list.id);
}

/* Even ones by their landline only, those of every tenth by all their numbers. */
async function never_call(world) {
    const { outbound, dnc } = world;
    const numbers = [];
    for (let i = 0; i < 1000; i += 10)
        numbers.push(fixed(i), mobile(i));
    for (let i = 4; i < 1000; i += 100)
        numbers.push(fixed(i));
    await outbound.postOutboundDnclistPhonenumbers(dnc.id, numbers, {});
    equal((await outbound.getOutboundDnclist(dnc.id)).size, numbers.length, 'numbers are kept from calls');
    await outbound.patchOutboundDnclistPhonenumbers(dnc.id, { action: 'Add', phoneNumbers: [fixed(5), fixed(6)] });
    await outbound.patchOutboundDnclistPhonenumbers(dnc.id, { action: 'Remove', phoneNumbers: [fixed(5), fixed(6)] });
    equal((await outbound.getOutboundDnclist(dnc.id)).size, numbers.length, 'and taken back');
    await refused(outbound.postOutboundDnclistPhonenumbers(dnc.id, [fixed(1), '12'], {}), 400,
                  'invalid.value', /^\[1\]: is not a valid telephone number/, 'a wrong number');
    world.neverCall = new Set(numbers);
}

export async function contacts(world) {
    await bulk(world);
    await one_by_one(world);
    await search(world);
    await files(world);
    await never_call(world);
    world.person = person;
}
