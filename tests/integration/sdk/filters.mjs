/* Contact list filters, searches by them, and the text that says the same (docs/filters.md). */
import { uploaded } from './lists.mjs';
import { Person, carrier, check, equal, refused, until } from './world.mjs';

const PROFILE = `[public]
person=1
machine=0
busy=0
unknown=0
congestion=0
rejected=0
fax=0
[times]
ring_s=0.1
talk_s=0.2
`;

const COLUMNS = ['Nom', 'Ville', 'Age', 'Vu', 'Tel'];

function person(i) {
    return { Nom: `Personne ${String(i).padStart(3, '0')}`, Ville: ['Lyon', 'Besançon', '', 'Évry'][i % 4],
             Age: i % 5 ? String(i) : 'inconnu', Vu: i % 3 ? new Date(Date.now() - i * 3600000).toISOString() : '',
             Tel: `+331421${String(20000 + i)}` };
}

function predicate(column, operator, value, more = {}) {
    return { column, columnType: 'alphabetic', operator, value, ...more };
}

function only(...predicates) {
    return { filterType: 'AND', clauses: [{ filterType: 'AND', predicates }] };
}

async function set_up(world) {
    const list = await world.outbound.postOutboundContactlists({
        name: 'Filtrée', columnNames: COLUMNS, phoneColumns: [{ columnName: 'Tel', type: 'Home' }] });
    const people = Array.from({ length: 120 }, (_, i) => ({ id: `p${i}`, data: person(i) }));
    await world.outbound.postOutboundContactlistContacts(list.id, people, {});
    return { list, people };
}

/* N15: a filter's life. */
async function life(world, { list }) {
    const { outbound } = world;
    const body = { name: 'Lyonnais', contactList: { id: list.id }, sourceType: 'ContactList',
                   ...only(predicate('Ville', 'EQUALS', 'lyon')) };
    const made = await outbound.postOutboundContactlistfilters(body);
    equal([made.name, made.version, made.sourceType, made.filterType, made.contactList.name, made.clauses],
          ['Lyonnais', 1, 'ContactList', 'AND', 'Filtrée', body.clauses], 'N15: a filter is made as it was sent');
    equal(await outbound.getOutboundContactlistfilter(made.id), made, 'N15: and read');
    const put = await outbound.putOutboundContactlistfilter(made.id, {
        ...made, name: 'Lyon ou Évry', filterType: 'OR',
        clauses: [{ filterType: 'AND', predicates: [predicate('Ville', 'EQUALS', 'Lyon')] },
                  { filterType: 'OR', predicates: [predicate('Ville', 'BEGINS_WITH', 'év')] }] });
    equal([put.version, put.filterType, put.clauses.length, put.clauses[1].filterType], [2, 'OR', 2, 'OR'],
          'N15: it is replaced, and no clause changes its type');
    await refused(outbound.putOutboundContactlistfilter(made.id, { ...made, name: 'late' }), 409, 'version.conflict',
                  /somebody else/, 'N15: a stale filter');
    await refused(outbound.postOutboundContactlistfilters({ ...body, name: 'lyon OU évry' }), 409, 'conflict',
                  /already a contact list filter/, 'N15: a second filter of one name');
    const copy = await world.post(`/api/cadran/v1/contactlistfilters/${made.id}/copy`, { name: 'Copie' });
    equal([copy.name, copy.version, copy.filterType, copy.clauses], ['Copie', 1, put.filterType, put.clauses],
          'N15: a copy says the same');
    const names = (page) => page.entities.map((one) => one.name);
    equal(names(await outbound.getOutboundContactlistfilters({ sortBy: 'name' })), ['Copie', 'Lyon ou Évry'],
          'N15: filters are listed');
    equal(names(await outbound.getOutboundContactlistfilters({ contactListId: list.id, pageSize: 1, pageNumber: 2 })),
          ['Lyon ou Évry'], 'N15: and those of one list, by page');
    equal((await outbound.getOutboundContactlistfilters({ contactListId: world.list.id })).total, 0,
          'N15: another list has none');
    equal(names(await outbound.postOutboundContactlistfiltersBulkRetrieve({ ids: [made.id, list.id] })),
          ['Lyon ou Évry'], 'N15: several are read at once');
    await refused(outbound.deleteOutboundContactlist(list.id), 409, 'entity.in.use', /in use/,
                  'N11: a list that filters use');
    await outbound.deleteOutboundContactlistfilter(copy.id);
    await refused(outbound.getOutboundContactlistfilter(copy.id), 404, 'not.found', /contact list filter/,
                  'N15: a removed filter');
    return put;
}

async function refusals(world, { list }) {
    const { outbound } = world;
    const make = (form, more = {}) => outbound.postOutboundContactlistfilters(
        { name: 'wrong', contactList: { id: list.id }, ...form, ...more });
    const at = 'clauses[0].predicates[0]';
    const cases = [
        [only(predicate('Vile', 'EQUALS', 'x')), `${at}.column: Vile is not a column`],
        [only(predicate('', 'EQUALS', 'x')), `${at}.column: required`],
        [only(predicate('Ville', 'LIKE', 'x')), `${at}.operator: must be one of EQUALS`],
        [only(predicate('Ville', 'EQUALS')), `${at}.value: required`],
        [only(predicate('Ville', 'CONTAINS', '')), `${at}.value: every text`],
        [only(predicate('Age', 'EQUALS', 'dix', { columnType: 'numeric' })), `${at}.value: is not a number`],
        [only(predicate('Age', 'CONTAINS', '1', { columnType: 'numeric' })), `${at}.operator: CONTAINS does not compare numbers`],
        [only(predicate('Age', 'EQUALS', '1', { columnType: 'text' })), `${at}.columnType: must be numeric or alphabetic`],
        [only(predicate('Vu', 'BEFORE', 'demain')), `${at}.value: is not a date`],
        [only(predicate('Vu', 'AFTER', 'P-1D', { columnType: 'numeric' })), `${at}.columnType: must be alphabetic`],
        [only(predicate('Ville', 'IN')), `${at}.range: required for BETWEEN and IN`],
        [only(predicate('Ville', 'IN', null, { range: { inSet: [] } })), `${at}.range.inSet: required`],
        [only(predicate('Age', 'IN', null, { columnType: 'numeric', range: { inSet: ['1', 'x'] } })), `${at}.range.inSet[1]: is not a number`],
        [only(predicate('Age', 'BETWEEN', null, { range: { min: '1' } })), `${at}.range.max: required`],
        [only(predicate('Ville', 'EQUALS', 'x', { inverted: 'yes' })), `${at}.inverted: must be true or false`],
        [{ filterType: 'XOR', clauses: [] }, 'filterType: must be one of AND, OR'],
        [{ clauses: [{ filterType: 'AND', predicates: [] }] }, 'clauses[0].predicates: required'],
        [{ clauses: [{ predicates: Array(6).fill(predicate('Ville', 'EQUALS', 'x')) },
                     { predicates: Array(5).fill(predicate('Ville', 'EQUALS', 'x')) }] },
         'clauses[1].predicates: a filter has at most 10 conditions'],
    ];
    for (const [form, words] of cases) {
        const body = await refused(make(form), 400, 'invalid.value', /./, `N15: a wrong filter (${words})`);
        check(body.message.startsWith(words), `N15: and says where: ${words}`, body.message);
    }
    await refused(make({}, { contactList: undefined }), 400, 'invalid.value', /^contactList: required/, 'N15: a filter of no list');
    await refused(make({}, { contactList: { id: world.dnc.id } }), 400, 'invalid.value', /^contactList: there is no such/,
                  'N15: a filter of a list that is not there');
}

/* What each operator finds, beside the same question asked in JavaScript. */
async function searches(world, { list, people }, saved) {
    const { outbound } = world;
    const search = (more) => outbound.postOutboundContactlistContactsSearch(list.id, { pageNumber: 1, pageSize: 100, ...more });
    const ids = (page) => page.entities.map((one) => one.id);
    const expected = (holds) => people.filter(({ data }) => holds(data)).map(({ id }) => id);
    const ago = (data, hours) => data.Vu && Date.parse(data.Vu) > Date.now() - hours * 3600000;
    const number = (data) => /^\d+$/.test(data.Age) ? Number(data.Age) : NaN;
    const numeric = { columnType: 'numeric' };
    const cases = [
        [predicate('Ville', 'EQUALS', 'besancon'), (d) => d.Ville === 'Besançon'],
        [predicate('Ville', 'EQUALS', 'Lyon', { inverted: true }), (d) => d.Ville !== 'Lyon'],
        [predicate('Ville', 'EQUALS', ''), (d) => d.Ville === ''],
        [predicate('Nom', 'CONTAINS', '01'), (d) => d.Nom.includes('01')],
        [predicate('Ville', 'BEGINS_WITH', 'L'), (d) => d.Ville === 'Lyon'],
        [predicate('Nom', 'ENDS_WITH', '7'), (d) => d.Nom.endsWith('7')],
        [predicate('Age', 'LESS_THAN', '7', numeric), (d) => number(d) < 7],
        [predicate('Age', 'LESS_THAN_EQUALS', '7', numeric), (d) => number(d) <= 7],
        [predicate('Age', 'GREATER_THAN', '113', numeric), (d) => number(d) > 113],
        [predicate('Age', 'GREATER_THAN_EQUALS', '113', numeric), (d) => number(d) >= 113],
        [predicate('Age', 'BETWEEN', null, { ...numeric, range: { min: '11', max: '16', minInclusive: true } }),
         (d) => number(d) >= 11 && number(d) < 16],
        [predicate('Ville', 'IN', null, { range: { inSet: ['LYON', 'evry'] } }), (d) => ['Lyon', 'Évry'].includes(d.Ville)],
        [predicate('Vu', 'AFTER', 'P-01DT-12H-30M'), (d) => ago(d, 36.5)],
        [predicate('Vu', 'BEFORE', 'PT-36H-30M'), (d) => d.Vu && !ago(d, 36.5)],
        [predicate('Vu', 'BETWEEN', null, { range: { min: 'P-02DT-30M', max: 'P-01DT-30M' } }),
         (d) => ago(d, 48.5) && !ago(d, 24.5)],
    ];
    for (const [one, holds] of cases) {
        const wanted = expected(holds);
        check(wanted.length > 0 && wanted.length < people.length, 'the question tells contacts apart', one);
        const found = await search({ criteria: only(one) });
        equal(ids(found), wanted.slice(0, 100), `N11: a search by ${one.operator}${one.inverted ? ', inverted' : ''}`);
        equal([found.contactsCount, found.total], [wanted.length, wanted.length], 'N11: and its count');
    }
    const both = expected((d) => d.Ville === 'Lyon' || d.Ville === 'Évry');
    equal(ids(await search({ contactListFilterId: saved.id })), both, 'N15: a search by a saved filter');
    const second = await search({ contactListFilterId: saved.id, pageSize: 25, pageNumber: 3 });
    equal([ids(second), second.contactsCount, second.pageCount, 'nextUri' in second],
          [both.slice(50), both.length, 3, false], 'N11: its last page');
    const preview = await outbound.postOutboundContactlistfiltersPreview({
        name: 'p', contactList: { id: list.id }, filterType: saved.filterType, clauses: saved.clauses });
    equal([preview.filteredContacts, preview.totalContacts, preview.preview.map((one) => one.id)],
          [both.length, people.length, both.slice(0, 10)], 'N15: a preview');
    check(preview.preview[0].data.Ville === 'Lyon' && preview.preview[0].contactListId === list.id,
          'N15: with whole contacts', preview.preview[0]);
    const sorted = await search({ criteria: only(predicate('Ville', 'EQUALS', 'Lyon')), pageSize: 5,
                                  contactSorts: [{ fieldName: 'Age', direction: 'DESC', numeric: true }] });
    equal(sorted.entities.map((one) => one.data.Age).slice(0, 6),
          [...people].reverse().map(({ data }) => data).filter((d) => d.Ville === 'Lyon' && d.Age === 'inconnu')
              .map((d) => d.Age).slice(0, 5), 'N11: sorted, what is no number first from the end');
    const two = await search({ contactSorts: [{ fieldName: 'Ville' }, { fieldName: 'Age', direction: 'ASC', numeric: true }] });
    const rank = { '': 0, 'Besançon': 1, 'Évry': 2, Lyon: 3 };
    const order = people.map(({ id, data }, i) => [rank[data.Ville], Number.isNaN(number(data)) ? Infinity : number(data), i, id])
        .sort((a, b) => a[0] - b[0] || (a[1] === b[1] ? 0 : a[1] - b[1]) || a[2] - b[2]).map((row) => row[3]);
    equal(ids(two), order.slice(0, 100), 'N11: sorted by two columns');
    await refused(search({ criteria: only(predicate('Vile', 'EQUALS', 'x')) }), 400, 'invalid.value',
                  /^criteria\.clauses\[0\]\.predicates\[0\]\.column: /, 'N11: a search by no column');
    await refused(search({ contactSorts: [{ fieldName: 'Nobody' }] }), 400, 'invalid.value',
                  /^contactSorts\[0\]\.fieldName: is not a column/, 'N11: a sort by no column');
    await refused(search({ contactSorts: Array(5).fill({ fieldName: 'Nom' }) }), 400, 'invalid.value',
                  /^contactSorts: /, 'N11: five sorts');
    await refused(search({ contactListFilterId: list.id }), 400, 'invalid.value',
                  /^contactListFilterId: there is no such/, 'N15: a search by no filter');
    await refused(outbound.postOutboundContactlistContactsSearch(world.list.id, {
        pageNumber: 1, pageSize: 25, contactListFilterId: saved.id }), 400, 'invalid.value',
                  /^contactListFilterId: is a filter of another/, 'N15: a filter of another list');
    await refused(search({ criteria: only(predicate('Ville', 'EQUALS', 'x')), contactListFilterId: saved.id }), 400,
                  'invalid.value', /^contactListFilterId: only one/, 'N11: two filters at once');
}

/* C37, C38: the same in text. */
async function expressions(world, { list }, saved) {
    const { outbound } = world;
    const at = `/api/cadran/v1/contactlists/${list.id}/expression`;
    const parse = (expression) => world.post(`${at}/parse`, { expression });
    const good = await parse('Ville="Lyon" or Ville begins with "év"');
    equal([good.isValid, good.expression], [true, 'Ville = "Lyon" OR Ville BEGINS WITH "év"'],
          'C38: an expression is read and written in order');
    equal((await world.post(`${at}/print`, good.filter)).expression, good.expression,
          'C38: there and back through the structured form');
    equal((await world.post(`${at}/print`, { filterType: saved.filterType, clauses: saved.clauses })).expression,
          'Ville = "Lyon" OR Ville BEGINS WITH "év"', 'C37: a saved filter as a text');
    const more = await parse('State = "Waiting" AND Priority >= 100 AND NOT Ville IN ("Lyon","Paris")');
    check(more.isValid && !('filter' in more) && /has no fields of the contact/.test(more.notStructuredBecause),
          'C38: what the structured form cannot say is named', more);
    const wrong = await parse('Nom = "é" AND\n  Vile = "Lyon"');
    equal([wrong.isValid, wrong.fault], [false, { message: 'Vile: unknown; did you mean Ville?', line: 2, column: 3,
                                                  length: 4, suggestion: 'Ville' }],
          'C38: a misspelt variable has its place and a suggestion');
    const offered = await world.post(`${at}/complete`, { expression: 'Nom = "é" AND vi', cursor: 16 });
    equal(offered, { from: 14, items: [{ text: 'Ville', kind: 'column' }] }, 'C38: a name is completed');
    const states = await world.post(`${at}/complete`, { expression: 'State = "pa', cursor: 11 });
    equal(states.items, [{ text: '"paused"', kind: 'value' }], 'C38: and a value');
    const found = await outbound.postOutboundContactlistContactsSearch(list.id, {
        pageNumber: 1, pageSize: 25, expression: 'State = "waiting" AND ContactId IN ("p3", "p5")' });
    equal(found.entities.map((one) => one.id), ['p3', 'p5'], 'C37: a search by an expression');
    await refused(outbound.postOutboundContactlistContactsSearch(list.id, {
        pageNumber: 1, pageSize: 25, expression: 'Ville =' }), 400, 'invalid.value',
                  /^expression\.line 1, column 8: the text ends/, 'C38: a search by half an expression');
    return saved_expression(world, list, saved);
}

/* Saved and loaded again; a client that knows clauses only loses nothing. */
async function saved_expression(world, list, saved) {
    const { outbound } = world;
    const path = `/api/cadran/v1/contactlistfilters/${saved.id}`;
    const before = await world.get(path);
    check(!('expression' in before), 'C38: a filter has no expression at first', before);
    const put = await world.put(path, { ...before, expression: 'NOT (Age < 10 OR State = "done")' });
    equal((await world.get(path)).expression, put.expression, 'C38: an expression is saved and loaded again');
    await refused(world.put(path, { ...put, expression: 'Vile = "x"' }), 400, 'invalid.value',
                  /did you mean Ville\?/, 'C38: a wrong expression is not saved');
    const read = await outbound.getOutboundContactlistfilter(saved.id);
    check(!('cadran' in read) && !('expression' in read), 'C38: the SDK sees its own fields only', read);
    await outbound.putOutboundContactlistfilter(saved.id, { ...read, filterType: 'AND',
                                                            clauses: [{ predicates: [predicate('Ville', 'EQUALS', 'Lyon')] }] });
    equal((await world.get(path)).expression, put.expression, 'C38: a full replacement leaves the expression');
    const found = await outbound.postOutboundContactlistContactsSearch(list.id, {
        pageNumber: 1, pageSize: 100, contactListFilterId: saved.id });
    check(found.entities.length > 0 && found.entities.every(({ data }) => data.Ville === 'Lyon' && !(Number(data.Age) < 10)),
          'C38: clauses and expression must both hold', found.entities.map(({ data }) => [data.Ville, data.Age]));
    check(found.entities.some(({ data }) => data.Age === 'inconnu'), 'C38: NOT holds for what is no number', found.total);
    const copy = await world.post(`${path}/copy`, { name: 'Copie entière' });
    equal((await world.get(`/api/cadran/v1/contactlistfilters/${copy.id}`)).expression, put.expression,
          'N15: a copy has the expression too');
    await outbound.deleteOutboundContactlistfilter(copy.id);
    return outbound.getOutboundContactlistfilter(saved.id);
}

async function named_set_up(world) {
    const { outbound } = world;
    const user = (name, email) => world.users.postUsers({
        name, email, divisionId: 'any', password: `password of ${email}` });
    const users = { anna: await user('Anna Müller', 'anna.m@example.com'), bob: await user('Bob Dylan', 'bob.d@example.com'),
                    other: await user('BOB DYLAN', 'other.bob@example.com') };
    const list = await outbound.postOutboundContactlists({
        name: 'Champs', columnNames: ['Nom', 'Fixe', 'Mobile'],
        phoneColumns: [{ columnName: 'Fixe', type: 'Home' }, { columnName: 'Mobile', type: 'Cell' }] });
    const add = (id, data, more = {}) => world.post(`/api/cadran/v1/contactlists/${list.id}/contacts`, {
        id, data: { Nom: id, ...data }, ...more });
    await add('a', { Fixe: '+33140000101' }, { preferredAgent: { id: users.anna.id } });
    await add('b', { Mobile: '+33640000102' }, { preferredAgent: { id: users.bob.id } });
    await add('c', { Fixe: '+33140000103', Mobile: '+33640000103' }, { timeZone: 'America/Martinique' });
    await add('d', { Mobile: 'inconnu' });
    return { users, list };
}

/* C27, C29, C30, C33: the fields whose words are names. */
async function named(world) {
    const { outbound } = world;
    const { users, list } = await named_set_up(world);
    const search = async (expression, more = {}) => (await outbound.postOutboundContactlistContactsSearch(list.id, {
        pageNumber: 1, pageSize: 25, ...(expression === null ? {} : { expression }), ...more })).entities.map(({ id }) => id).join(' ');
    const finds = async (expression, ids, sentence) => equal(await search(expression), ids, `${sentence}: ${expression}`);
    await finds('Agent = "anna muller"', 'a', 'C27: by the name of the preferred agent');
    await finds('Agent IN ("BOB.D@example.com", "Anna Müller")', 'a b', 'C27: by the e-mail address');
    await finds(`Agent = "${users.bob.id}"`, 'b', 'C27: by the id');
    await finds('Agent = ""', 'c d', 'C27: who has none');
    await finds('NOT Agent = "Anna Müller"', 'b c d', 'C27: not this one');
    await finds('TimeZone = "Europe/Paris"', 'a b', 'C29: by the zone of the number');
    await finds('TimeZone BEGINS WITH "america/"', 'c', 'C29: by the zone that was given');
    await finds('TimeZone = ""', 'd', 'C29: what has none');
    await finds('AddressType = "home"', 'a c', 'C30: by the type of an address');
    await finds('AddressType IN ("Cell", "Pager")', 'b c d', 'C30: any address');
    await finds('Disposition = ""', 'a b c d', 'C33: nobody has been given a code');
    const refuses = (expression, words, sentence) => refused(search(expression), 400, 'invalid.value', words, sentence);
    await refuses('Agent = "Zoé"', /^expression\.line 1, column 9: there is no user "Zoé": write the name/, 'C27: an agent that there is not');
    await refuses('Agent = "Bob Dylan"', /2 users are called "Bob Dylan": write the e-mail/, 'C27: a name of two');
    await refuses('Disposition = "Jamais"', /there is no wrap-up code "Jamais"/, 'C33: a code that there is not');
    await refuses('Agent > "a"', /does not suit a field of names/, 'C27: names have no order');
    await refuses('Agnet = "a"', /did you mean Agent\?/, 'C38: a misspelt field');
    await named_completion(world, list);
    await named_kept(world, { users, list }, search);
    for (const { id } of Object.values(users))
        await world.users.deleteUser(id);
    await outbound.deleteOutboundContactlist(list.id);
}

async function named_completion(world, list) {
    const complete = async (expression) => (await world.post(`/api/cadran/v1/contactlists/${list.id}/expression/complete`, {
        expression, cursor: expression.length })).items.map(({ text }) => text);
    equal(await complete('ag'), ['Agent'], 'C38: the new fields are completed');
    equal(await complete('Agent = "ann'), ['"Anna Müller"', '"anna.m@example.com"'], 'C38: users by name and address');
    equal(await complete('AddressType = '), ['"Home"', '"Cell"'], 'C38: the types of this list');
    equal(await complete('TimeZone = "europe/pari'), ['"Europe/Paris"'], 'C38: and zones');
}

/* A campaign that runs is told when the list calls a type otherwise, and when a contact gets an agent. */
async function named_campaign(world, list, filter) {
    const { outbound } = world;
    const network = await carrier(world.program, world.folder, 'named', PROFILE);
    const trunk = await world.post('/api/cadran/v1/trunks', { name: 'Champs', host: '127.0.0.1', port: network.port });
    const campaign = await outbound.postOutboundCampaigns({
        name: 'Champs', dialingMode: 'agentless', contactList: { id: list.id }, site: { id: trunk.id },
        contactListFilters: [{ id: filter.id }], phoneColumns: [{ columnName: 'Mobile' }], callerName: 'Cadran',
        callerAddress: '+33123456789', outboundLineCount: 5, alwaysRunning: true });
    await outbound.postOutboundCampaignStart(campaign.id);
    const because = async (id) => (await world.get(
        `/api/cadran/v1/campaigns/${campaign.id}/contacts/${id}/explanation`)).because;
    await until('nobody is meant', async () => await because('b') === 'contact_list_filter');
    const read = await outbound.getOutboundContactlist(list.id);
    await outbound.putOutboundContactlist(list.id, { ...read, phoneColumns: [
        { columnName: 'Fixe', type: 'Home' }, { columnName: 'Mobile', type: 'Portable' }] });
    const called = () => network.called().map((one) => one.replace('+', '')).sort();
    await until('another name of a type brings those whom the filter means now', () => called().length >= 2, 20000);
    equal(called(), ['33640000102', '33640000103'], 'C27, C29, C30: a campaign calls whom agent, zone and type mean');
    const path = `/api/cadran/v1/contactlists/${list.id}/contacts/d`;
    await world.patch(path, { data: { Nom: 'd', Mobile: '+33640000104' } });
    equal(await because('d'), 'contact_list_filter', 'C29: another zone is not meant');
    await world.patch(path, { timeZone: 'America/Martinique' });
    await until('a contact of another zone is called', () => called().length >= 3, 20000);
    equal(called()[2], '33640000104', 'C29: a changed zone is seen at once');
    await outbound.postOutboundCampaignStop(campaign.id);
    await until('the campaign is off', async () => (await outbound.getOutboundCampaign(campaign.id)).campaignStatus === 'off');
    await outbound.deleteOutboundCampaign(campaign.id);
    await world.call('DELETE', `/api/cadran/v1/trunks/${trunk.id}`);
    await network.stop();
}

/* What was saved goes on meaning the same. */
async function named_kept(world, { users, list }, search) {
    const { outbound } = world;
    const filter = await outbound.postOutboundContactlistfilters({ name: 'Les siens', contactList: { id: list.id } });
    const path = `/api/cadran/v1/contactlistfilters/${filter.id}`;
    const save = async (expression) => world.put(path, { ...await world.get(path), expression });
    const saved = await save('Agent = "Anna Müller"  or Agent IN ("", "bob.d@example.com") and AddressType="Home"');
    equal(saved.expression, 'Agent = "anna.m@example.com"  or Agent IN ("", "bob.d@example.com") and AddressType="Home"',
          'C27: a saved expression shows addresses, and nothing else of it changes');
    equal(await search(null, { contactListFilterId: filter.id }), 'a c', 'C27: and means what was written');
    await refused(save('Agent = "Nobody"'), 400, 'invalid.value', /there is no user/, 'C27: an unknown agent is not saved');
    const view = await world.post('/api/cadran/v1/contactviews', { name: 'Les miens', contactList: { id: list.id },
                                                                   columns: ['Nom', 'Agent', 'TimeZone'], expression: 'Agent = "anna muller"' });
    equal(view.expression, 'Agent = "anna.m@example.com"', 'C36: a view too');
    const user = await world.users.getUser(users.anna.id);
    await world.put(`/api/v2/users/${user.id}`, { ...user, name: 'Anna Dupont', email: 'anna.d@example.com' });
    equal((await world.get(path)).expression.slice(0, 28), 'Agent = "anna.d@example.com"', 'C27: who is renamed is shown so');
    equal((await world.get(`/api/cadran/v1/contactviews/${view.id}`)).expression, 'Agent = "anna.d@example.com"', 'C36: in a view too');
    equal(await search(null, { contactListFilterId: filter.id }), 'a c', 'C27: and is still meant');
    await save((await world.get(path)).expression);
    await save('AddressType = "Portable" AND (Agent = "bob.d@example.com" OR TimeZone = "America/Martinique")');
    await named_campaign(world, list, filter);
    equal(await search('AddressType = "portable"'), 'b c d', 'C30: a type that the list calls otherwise');
    await save('Agent = "anna.d@example.com"');
    await world.users.deleteUser(users.anna.id);
    delete users.anna;
    const left = (await world.get(path)).expression;
    check(/^Agent = "[0-9a-f-]{36}"$/.test(left), 'C27: who was removed is shown by the id', left);
    await save(left);
    equal(await search(null, { contactListFilterId: filter.id }), 'a', 'C27: and what was theirs is found');
    await world.call('DELETE', `/api/cadran/v1/contactviews/${view.id}`);
    await outbound.deleteOutboundContactlistfilter(filter.id);
}

async function supervisor(world, name) {
    const password = `password of ${name}`;
    const user = await world.users.postUsers({ name, email: `${name}@example.com`, divisionId: 'any', password });
    const more = await world.get(`/api/cadran/v1/users/${user.id}`);
    await world.put(`/api/cadran/v1/users/${user.id}`, { ...more, roles: ['supervisor'] });
    const person = new Person(world.server);
    await person.logIn(`${name}@example.com`, password);
    return { person, user };
}

/* C36, C37: columns and filters that people save, for themselves or for all. */
async function views(world, { list }) {
    const path = '/api/cadran/v1/contactviews';
    const ann = await supervisor(world, 'ann');
    const bob = await supervisor(world, 'bob');
    const body = { name: 'À rappeler', contactList: { id: list.id }, columns: ['Nom', 'State', 'NextTry', 'Ville'],
                   expression: 'State = "waiting" AND Ville != ""', contactSorts: [{ fieldName: 'Nom', direction: 'DESC' }] };
    const made = await ann.person.ask('POST', path, body);
    equal([made.name, made.columns, made.expression, made.isShared, made.isMine, made.owner.id, made.contactList.name],
          ['À rappeler', body.columns, body.expression, false, true, ann.user.id, 'Filtrée'],
          'C36: columns and a filter are saved for one person');
    check(!JSON.stringify(made).includes('_owner'), 'C36: and nothing internal is shown', made);
    const names = async (who, query = '') => (await who.person.ask('GET', `${path}${query}`)).entities.map((one) => one.name);
    equal([await names(ann), await names(bob)], [['À rappeler'], []], 'C36: others do not see them');
    await refused(bob.person.ask('GET', `${path}/${made.id}`), 404, 'not.found', /contact view/, 'C36: nor by their address');
    await refused(bob.person.ask('DELETE', `${path}/${made.id}`), 404, 'not.found', /contact view/, 'C36: nor to remove them');
    await refused(ann.person.ask('POST', path, body), 409, 'conflict', /of that name already/, 'C36: a second one of that name');
    const bobs = await bob.person.ask('POST', path, { ...body, columns: ['Age'], _owner: { kind: 7, id: 1 },
                                                      owner: { id: ann.user.id } });
    equal([bobs.isMine, bobs.owner.id], [true, bob.user.id], 'C36: two people may use one name, and nobody speaks for another');
    const shared = await ann.person.ask('PUT', `${path}/${made.id}`, { ...made, isShared: true, expression: 'Age > 10' });
    equal([shared.version, await names(bob), await names(bob, `?contactListId=${world.list.id}`)],
          [2, ['À rappeler', 'À rappeler'], []], 'C37: a shared one is seen by all, with its list');
    const seen = await bob.person.ask('GET', `${path}/${made.id}`);
    equal([seen.isMine, seen.expression], [false, 'Age > 10'], 'C37: saved and loaded again by somebody else');
    await refused(bob.person.ask('PUT', `${path}/${made.id}`, seen), 403, 'not.authorized', /Only who made/, 'C37: who may not change it');
    await refused(ann.person.ask('PUT', `${path}/${made.id}`, made), 409, 'version.conflict', /meanwhile/, 'C37: a stale one');
    await refused(ann.person.ask('POST', path, { ...body, name: 'x', columns: ['Nom', 'Couleur'] }), 400, 'invalid.value',
                  /^columns\[1\]: Couleur is neither/, 'C36: a column that is not there');
    await refused(ann.person.ask('POST', path, { ...body, name: 'x', contactSorts: [{ fieldName: 'Couleur' }] }), 400,
                  'invalid.value', /^contactSorts\[0\]\.fieldName: Couleur/, 'C36: a sort by no column');
    await refused(ann.person.ask('POST', path, { ...body, name: 'x', expression: 'Vile = "Lyon"' }), 400, 'invalid.value',
                  /^expression\.line 1, column 1: Vile: unknown; did you mean Ville\?/, 'C38: a misspelt variable');
    await bob.person.ask('DELETE', `${path}/${bobs.id}`);
    await ann.person.ask('DELETE', `${path}/${made.id}`);
    equal([await names(ann), await names(bob)], [[], []], 'C36: they are removed');
    for (const { user } of [ann, bob])
        await world.users.deleteUser(user.id);
}

/* A running campaign calls whom its filter means, and those only. */
async function campaign(world, { list, people }, filter) {
    const { outbound } = world;
    const network = await carrier(world.program, world.folder, 'filtered', PROFILE);
    const trunk = await world.post('/api/cadran/v1/trunks', { name: 'Filtré', host: '127.0.0.1', port: network.port });
    const path = `/api/cadran/v1/contactlistfilters/${filter.id}`;
    await world.put(path, { ...await world.get(path), expression: 'Age BETWEEN 1 AND 20' });
    const numbers = (holds) => people.map(({ data }) => data).filter((d) => d.Ville === 'Lyon' && holds(Number(d.Age)))
        .map((d) => d.Tel.slice(1)).sort();
    const body = {
        name: 'Filtrée', dialingMode: 'agentless', contactList: { id: list.id }, site: { id: trunk.id },
        contactListFilters: [{ id: filter.id }], phoneColumns: [{ columnName: 'Tel' }], callerName: 'Cadran',
        callerAddress: '+33123456789', outboundLineCount: 20, alwaysRunning: true };
    const other = await outbound.postOutboundContactlistfilters({ name: 'Ailleurs', contactList: { id: world.list.id } });
    await refused(outbound.postOutboundCampaigns({ ...body, contactListFilters: [{ id: other.id }] }), 400, 'invalid.value',
                  /^contactListFilters\[0\]: is a filter of another contact list/, 'N15: a campaign with a filter of another list');
    await refused(outbound.postOutboundCampaigns({ ...body, contactListFilters: [{ id: filter.id }, { id: other.id }] }),
                  400, 'invalid.value', /^contactListFilters: must have from 0 to 1 items/, 'N15: a campaign with two filters');
    await outbound.deleteOutboundContactlistfilter(other.id);
    const made = await outbound.postOutboundCampaigns(body);
    equal(made.contactListFilters, [{ id: filter.id, name: filter.name, selfUri: filter.selfUri }],
          'N15: a campaign names its filter');
    const used = await refused(outbound.deleteOutboundContactlistfilter(filter.id), 409, 'entity.in.use',
                               /contact list filter is in use/, 'N15: a filter that a campaign uses');
    equal(used.errors.map((one) => [one.id, one.name]), [[made.id, 'Filtrée']], 'N15: and the campaign is named');
    equal((await outbound.getOutboundContactlistfilters({ contactListId: list.id })).entities.map((one) => one.id), [filter.id],
          'N15: the filters of a list are filters only');
    await outbound.postOutboundCampaignStart(made.id);
    const first = numbers((age) => age >= 1 && age <= 20);
    await until('everybody whom the filter means is called', () => network.called().length >= first.length, 20000);
    const outside = people.find(({ data }) => data.Ville === 'Évry');
    const why = await until('the campaign has no call left', async () => {
        const said = await world.get(`/api/cadran/v1/campaigns/${made.id}/contacts/${outside.id}/explanation`);
        return said.because !== 'line_available' && said;
    });
    equal([why.answer, why.because], ['never', 'contact_list_filter'], 'N15: why somebody else is not called');
    equal(why.steps.filter((one) => one.check === 'contact_list_filter').map((one) => one.passed), [false],
          'N15: and the step says so');
    equal(network.called().map((one) => one.replace('+', '')).sort(), first, 'N15: nobody else is called');
    equal((await outbound.getOutboundCampaignStats(made.id)).filteredOutContactsCount, people.length - first.length,
          'N15: and how many are filtered out is counted');
    await world.put(path, { ...await world.get(path), expression: 'Age BETWEEN 1 AND 40' });
    const second = numbers((age) => age >= 1 && age <= 40);
    check(second.length > first.length, 'the wider filter means more', second.length);
    await until('those whom the wider filter means are called too', () => network.called().length >= second.length, 20000);
    equal(network.called().map((one) => one.replace('+', '')).sort(), second, 'N15: a wider filter brings its own, each once');
    await outbound.postOutboundCampaignStop(made.id);
    await until('the campaign is off', async () => (await outbound.getOutboundCampaign(made.id)).campaignStatus === 'off');
    await outbound.deleteOutboundCampaign(made.id);
    await world.client.callApi(`/api/cadran/v1/trunks/${trunk.id}`, 'DELETE', {}, {}, {}, {}, null, ['PureCloud OAuth'], [], []);
    await network.stop();
}

/* A list that is too large to be sorted at once, and one count that is exact whatever its size. */
async function large(world) {
    const { outbound } = world;
    const SIZE = 100500;
    const list = await outbound.postOutboundContactlists({
        name: 'Grande', columnNames: ['Rang', 'Ville', 'Tel'], phoneColumns: [{ columnName: 'Tel', type: 'Home' }] });
    const rank = (i) => i * 7919 % SIZE; /* each rank once */
    const city = (i) => ['Lyon', 'Metz', 'Nice'][i % 3];
    const rows = Array.from({ length: SIZE }, (_, i) => `${rank(i)},${city(i)},0142${String(100000 + i)}`);
    equal((await uploaded(world, list, `Rang,Ville,Tel\n${rows.join('\n')}\n`)).completedRecords, SIZE, 'N11: a large list');
    const page = (number, contactSorts, more = {}) => until('the list is sorted', async () => {
        try {
            return await outbound.postOutboundContactlistContactsSearch(list.id, { pageNumber: number, pageSize: 50, contactSorts, ...more });
        } catch (body) {
            equal(body.status, 503, 'N11: a large list is not sorted at once');
            check(/sorted by this column for the first time, and is \d+ % done: ask again/.test(body.message), 'N11: and says how far it is', body);
            return null;
        }
    });
    const values = (found, name) => found.entities.map((one) => one.data[name]);
    const up = [{ fieldName: 'Rang', direction: 'ASC', numeric: true }], down = [{ ...up[0], direction: 'DESC' }];
    const fifty = (from, step) => Array.from({ length: 50 }, (_, i) => String(from + i * step));
    equal(values(await page(1, up), 'Rang'), fifty(0, 1), 'N11: a large list is sorted by a number');
    equal(values(await page(3, down), 'Rang'), fifty(SIZE - 101, -1), 'N11: and downwards, any page of it');
    const metz = await page(2, down, { expression: 'Ville = "Metz"' });
    const expected = Array.from({ length: SIZE }, (_, i) => i).filter((i) => city(i) === 'Metz').map(rank).sort((a, b) => b - a).slice(50, 100).map(String);
    equal(values(metz, 'Rang'), expected, 'N15: and what a filter finds in it');
    const two = await page(1, [{ fieldName: 'Ville', direction: 'DESC' }, up[0]]);
    equal(values(two, 'Rang'), Array.from({ length: SIZE }, (_, i) => i).filter((i) => city(i) === 'Nice').map(rank).sort((a, b) => a - b).slice(0, 50).map(String),
          'N11: and by a second column where the first is the same');
    const first = (await page(1, up)).entities[0];
    await outbound.putOutboundContactlistContact(list.id, first.id, { contactListId: list.id, data: { ...first.data, Rang: '7.5' } });
    equal(values(await page(1, up), 'Rang').slice(0, 9), ['1', '2', '3', '4', '5', '6', '7', '7.5', '8'], 'N11: what is edited takes its place');

    const count = (body) => world.post(`/api/cadran/v1/contactlists/${list.id}/contacts/count`, body);
    const asked = await count({ expression: 'Ville = "Metz" AND Rang >= 1000' });
    equal([asked.kind, asked.subject.id], ['contacts_count', list.id], 'N15: an exact count is a job');
    const counted = await until('it is counted', async () => {
        const job = await world.get(`/api/cadran/v1/jobs/${asked.id}`);
        return job.state === 'complete' && job;
    });
    const meant = Array.from({ length: SIZE }, (_, i) => i).filter((i) => city(i) === 'Metz' && rank(i) >= 1000).length;
    equal([counted.report, counted.done, counted.total], [{ matched: meant, contacts: SIZE }, SIZE, SIZE], 'N15: to the last contact');
    await refused(count({ expression: 'Vile = "x"' }), 400, 'invalid.value', /did you mean Ville/, 'N15: a count by a wrong filter');
    await outbound.deleteOutboundContactlist(list.id);
}

export async function filters(world) {
    const made = await set_up(world);
    const saved = await life(world, made);
    await refusals(world, made);
    await searches(world, made, saved);
    const last = await expressions(world, made, saved);
    await campaign(world, made, last);
    await views(world, made);
    await named(world);
    await large(world);
    await world.outbound.deleteOutboundContactlistfilter(last.id);
    await world.outbound.deleteOutboundContactlist(made.list.id);
}
