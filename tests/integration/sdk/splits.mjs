/* What filters of a contact list template do to a file: which of its rows are imported, and into
 * which lists (N13, N15). Expectations are asked of the rows themselves. */
import { exported } from './lists.mjs';
import { check, equal, refused } from './world.mjs';
import { NOBODY, columnNames, csv, people, phoneColumns, removed, through } from './templates.mjs';

const FILTERS = '/api/cadran/v1/contactlistfilters';
const SPLIT = 'splittingInformation.criteriaValue';

function predicate(column, operator, value, more = {}) {
    return { column, columnType: 'alphabetic', operator, value, ...more };
}

function only(...predicates) {
    return { filterType: 'AND', clauses: [{ filterType: 'AND', predicates }] };
}

function of_template(model, name, ...predicates) {
    return { name, sourceType: 'ContactListTemplate', contactListTemplate: { id: model.id }, ...only(...predicates) };
}

/* A filter's life where its source is a template. */
async function filter_life(world, model) {
    const { outbound } = world;
    const list = await outbound.postOutboundContactlists({ name: 'Vraie', columnNames, phoneColumns });
    const other = await outbound.postOutboundContactlisttemplates({ name: 'Autre modèle', columnNames: ['Tel'], phoneColumns: [{ columnName: 'Tel', type: 'Home' }] });
    const gone = await outbound.postOutboundContactlisttemplates({ name: 'Parti', columnNames, phoneColumns });
    await outbound.deleteOutboundContactlisttemplate(gone.id);
    const body = of_template(model, 'Lyonnais du fichier', predicate('Ville', 'EQUALS', 'lyon'));
    const made = await outbound.postOutboundContactlistfilters(body);
    equal([made.sourceType, made.contactListTemplate.id, made.contactListTemplate.name, 'contactList' in made, made.clauses],
          ['ContactListTemplate', model.id, model.name, false, body.clauses], 'N15 a filter of a contact list template');
    equal(await outbound.getOutboundContactlistfilter(made.id), made, 'N15 and read');
    const wrong = [
        [{ contactListTemplate: undefined }, /^contactListTemplate: required when sourceType is ContactListTemplate/],
        [{ contactList: { id: list.id } }, /^contactList: is not taken when sourceType is ContactListTemplate/],
        [{ sourceType: 'ContactList' }, /^contactList: required when sourceType is ContactList/],
        [{ sourceType: undefined }, /^contactList: required when sourceType is ContactList, which it is/],
        [{ sourceType: 'ContactList', contactList: { id: list.id } }, /^contactListTemplate: is not taken when sourceType is ContactList:/],
        [{ contactListTemplate: { id: NOBODY } }, /^contactListTemplate: there is no such contact list template/],
        [{ contactListTemplate: { id: list.id } }, /^contactListTemplate: there is no such contact list template/],
        [{ contactListTemplate: { id: gone.id } }, /^contactListTemplate: there is no such contact list template/],
        [{ sourceType: 'Campaign' }, /^sourceType: must be one of ContactList, ContactListTemplate/],
        [only(predicate('Vile', 'EQUALS', 'x')), /^clauses\[0\]\.predicates\[0\]\.column: Vile is not a column/],
        [{ contactListTemplate: { id: other.id } }, /^clauses\[0\]\.predicates\[0\]\.column: Ville is not a column/],
    ];
    for (const [part, words] of wrong)
        await refused(outbound.postOutboundContactlistfilters({ ...body, name: 'faux', ...part }), 400, 'invalid.value', words,
                      'N15 a wrong filter of a template');
    await refused(outbound.putOutboundContactlistfilter(made.id, { ...made, contactListTemplate: { id: other.id } }), 400, 'invalid.value',
                  /^contactListTemplate: cannot be changed/, 'N15 a filter keeps its source');
    const put = await outbound.putOutboundContactlistfilter(made.id, { ...made, name: 'Lyonnais' });
    equal([put.version, put.name, put.contactListTemplate.id], [2, 'Lyonnais', model.id], 'N15 it is replaced');
    const of_list = await outbound.postOutboundContactlistfilters({ name: 'De liste', contactList: { id: list.id }, ...only(predicate('Ville', 'EQUALS', 'Lyon')) });
    const names = (page) => page.entities.map((one) => one.name);
    equal([names(await world.get(`/api/v2/outbound/contactlistfilters?contactListTemplateId=${model.id}`)),
           names(await world.get(`/api/v2/outbound/contactlistfilters?contactListTemplateId=${other.id}`)),
           names(await outbound.getOutboundContactlistfilters({ contactListId: list.id }))],
          [['Lyonnais'], [], ['De liste']], 'N15 filters are listed by their source');
    const copy = await world.post(`${FILTERS}/${made.id}/copy`, { name: 'Copie de modèle' });
    equal([copy.sourceType, copy.contactListTemplate.id, copy.clauses], ['ContactListTemplate', model.id, body.clauses], 'N15 a copy keeps the source');
    await refused(world.put(`${FILTERS}/${copy.id}`, { version: copy.version, expression: 'Vile = "x"' }), 400, 'invalid.value',
                  /did you mean Ville\?/, 'N15 an expression asks the columns of the template');
    await outbound.deleteOutboundContactlistfilter(copy.id);
    const preview = await outbound.postOutboundContactlistfiltersPreview(body);
    equal(preview, { filteredContacts: 0, totalContacts: 0, preview: [] }, 'N15 a template has no contacts to show');
    await refused(outbound.postOutboundContactlistfiltersPreview({ ...body, ...only(predicate('Vile', 'EQUALS', 'x')) }), 400, 'invalid.value',
                  /column: Vile is not a column/, 'N15 a preview of a wrong filter of a template');
    const used = await refused(outbound.deleteOutboundContactlisttemplate(model.id), 409, 'entity.in.use', /in use/, 'N12 a template that a filter uses');
    equal(used.errors.map((one) => [one.id, one.name]), [[made.id, 'Lyonnais']], 'N12 and the filter is named');
    await refused(outbound.putOutboundContactlisttemplate(model.id, { ...model, columnNames: ['Nom', 'Cité', 'Fixe'],
                                                                      columnDataTypeSpecifications: [] }), 400, 'invalid.value',
                  /^columnNames: the contact list filter "Lyonnais" needs what is taken away \(Ville/, 'N12 a template keeps the columns that filters test');
    await contacts_are_not_meant(world, list, put);
    return { list, other, made: put, of_list };
}

/* What is about contacts takes no filter of a template. */
async function contacts_are_not_meant(world, list, filter) {
    const { outbound } = world;
    const words = /^contactListFilterId: is a filter of a contact list template, which has no contacts .*: use a filter of this contact list/;
    const by = { contactListFilterId: filter.id };
    const asked = [
        ['a search', () => outbound.postOutboundContactlistContactsSearch(list.id, { pageNumber: 1, pageSize: 25, ...by })],
        ['an export', () => outbound.postOutboundContactlistExport(list.id, { body: by })],
        ['a bulk removal', () => outbound.postOutboundContactlistContactsBulkRemove(list.id, by)],
        ['a bulk edit', () => outbound.postOutboundContactlistContactsBulkUpdate(list.id, { ...by, contact: { data: { Nom: 'x' } } })],
        ['an action', () => world.post(`/api/cadran/v1/contactlists/${list.id}/contacts/actions`, { ...by, action: 'pause' })],
    ];
    for (const [what, ask] of asked)
        await refused(ask(), 400, 'invalid.value', words, `N15 ${what} by a filter of a template`);
    const trunk = await world.post('/api/cadran/v1/trunks', { name: 'Sans modèle', host: '127.0.0.1', port: 5099 });
    await refused(outbound.postOutboundCampaigns({
        name: 'Par modèle', dialingMode: 'agentless', contactList: { id: list.id }, site: { id: trunk.id }, contactListFilters: [{ id: filter.id }],
        phoneColumns: [{ columnName: 'Fixe' }], callerName: 'Cadran', callerAddress: '+33123456789', outboundLineCount: 1 }), 400, 'invalid.value',
                  /^contactListFilters\[0\]: is a filter of a contact list template/, 'N15 a campaign by a filter of a template');
    await world.client.callApi(`/api/cadran/v1/trunks/${trunk.id}`, 'DELETE', {}, {}, {}, {}, null, ['PureCloud OAuth'], [], []);
}

const valid = (row) => row.Fixe !== 'none';
const counts = (status) => [status.state, status.totalRecords, status.completedRecords, status.cadran.refusedRecords, status.cadran.filteredOutContactsCount];

/* Only the rows that pass the template's own filter. */
async function chosen_rows(world, model, { of_list, other, made }) {
    const { outbound } = world;
    const create = (body) => outbound.postOutboundImporttemplates({ contactListTemplate: { id: model.id }, listNameFormat: 'ListNamePrefix', ...body });
    const of_other = await outbound.postOutboundContactlistfilters(of_template(other, 'Autre', predicate('Tel', 'BEGINS_WITH', '+')));
    const wrong = [
        [of_list.id, /^contactListFilter: "De liste" is a filter of a contact list: use one whose sourceType is ContactListTemplate/],
        [of_other.id, /^contactListFilter: "Autre" is a filter of another contact list template/],
        [NOBODY, /^contactListFilter: there is no such contact list filter/],
    ];
    for (const [id, words] of wrong)
        await refused(create({ name: 'x', contactListFilter: { id } }), 400, 'invalid.value', words, 'N13 a wrong filter of an import template');
    const chosen = await create({ name: 'Choisis', contactListFilter: { id: made.id } });
    equal([chosen.contactListFilter.id, chosen.contactListFilter.name], [made.id, 'Lyonnais'], 'N13 an import template with a filter');
    equal((await outbound.getOutboundImporttemplate(chosen.id)).contactListFilter.id, made.id, 'N13 and read');
    await refused(outbound.putOutboundImporttemplate(chosen.id, { ...chosen, contactListTemplate: { id: other.id } }), 400, 'invalid.value',
                  /^contactListFilter: "Lyonnais" is a filter of another contact list template/, 'N13 another template needs another filter');
    const used = await refused(outbound.deleteOutboundContactlistfilter(made.id), 409, 'entity.in.use', /contact list filter is in use/, 'N15 a filter that an import uses');
    equal(used.errors.map((one) => [one.id, one.name]), [[chosen.id, 'Choisis']], 'N15 and the import template is named');

    /* One that is filtered out does not make a later row with its number a duplicate; one that is imported does. */
    const rows = people(100);
    const metz = rows.find((row) => valid(row) && row.Ville === 'Metz');
    const lyon = rows.find((row) => valid(row) && row.Ville === 'Lyon');
    rows.push({ Nom: 'Encore', Ville: 'LYON', Fixe: metz.Fixe }, { Nom: 'Double', Ville: 'Lyon', Fixe: lyon.Fixe });
    const meant = rows.filter((row) => valid(row) && /^lyon$/i.test(row.Ville) && row.Nom !== 'Double');
    const bad = rows.filter((row) => !valid(row)).length + 1;
    const one = await through(world, chosen, csv(rows), 'Choix');
    equal(counts(one.status), ['COMPLETE', rows.length, meant.length, bad, rows.length - meant.length - bad],
          'N13 only rows that pass are imported, the others are counted');
    equal(one.lists.map((list) => [list.name, list.size]), [['Choix', meant.length]], 'N13 into one list');
    equal(await members(world, one.lists[0]), meant.map((row) => row.Nom).sort(), 'N13 those very rows');
    await removed(world, one.lists);

    const nobody = await through(world, chosen, csv(people(30).map((row) => ({ ...row, Ville: 'Nice' }))), 'Nul');
    equal(counts(nobody.status), ['FAILED', 30, 0, 3, 27], 'N13 a file of which nothing passes fails');
    check(/no row of the file passes .*: 27 are filtered out/.test(nobody.status.failureReason), 'N13 and says so', nobody.status);
    equal(nobody.lists, [], 'N13 and no list is made');

    /* What a new contact is: not called yet, waiting, its number known. */
    await world.put(`${FILTERS}/${made.id}`, { version: made.version,
        expression: 'State = "waiting" AND Attempts = 0 AND Callable = true AND LastUpdate AFTER "P-01D" AND Address BEGINS WITH "+33142001"' });
    const young = people(100).filter((row) => valid(row) && row.Ville === 'Lyon' && row.Fixe.startsWith('+33142001'));
    const fresh = await through(world, chosen, csv(people(100)), 'Neufs');
    equal([counts(fresh.status)[2], await members(world, fresh.lists[0])], [young.length, young.map((row) => row.Nom).sort()],
          'N13 a row is asked as the contact that it would be');
    await removed(world, fresh.lists);
    await world.put(`${FILTERS}/${made.id}`, { version: made.version + 1, expression: 'Attempts > 0' });
    equal((await through(world, chosen, csv(people(100)), 'Appelés')).status.state, 'FAILED', 'N13 nobody of a file was called yet');
    await world.put(`${FILTERS}/${made.id}`, { version: made.version + 2, expression: 'TimeZone = "America/Martinique" AND AddressType = "Home"' });
    const far = await through(world, chosen, csv([...people(4), { Nom: 'Césaire', Ville: 'Lyon', Fixe: '+596596501234' }]), 'Loin');
    equal(await members(world, far.lists[0]), ['Césaire'], 'C29, C30: a row is asked for the zone and the type of its numbers');
    await removed(world, far.lists);
    for (const [field, expression] of [['Agent', 'Agent = ""'], ['Disposition', 'Ville = "Lyon" AND NOT Disposition = ""']])
        await refused(world.put(`${FILTERS}/${made.id}`, { version: made.version + 3, expression }), 400, 'invalid.value',
                      new RegExp(`${field} cannot be asked of the rows of a file`), `N15 a row of a file has no ${field} yet`);
    await world.put(`${FILTERS}/${made.id}`, { version: made.version + 3 });

    const parted = await create({ name: 'Choisis, par dix', contactListFilter: { id: made.id }, listNameFormat: 'ListNamePrefixPart', useSplittingCriteria: true,
                                  splittingInformation: { criteria: 'Quantity', criteriaValue: '10' } });
    const all = people(100).filter((row) => valid(row) && row.Ville === 'Lyon').length;
    const tens = await through(world, parted, csv(people(100)), 'Dix');
    equal(tens.lists.map((list) => [list.name, list.size]), [['Dix-1', 10], ['Dix-2', 10], ['Dix-3', all - 20]], 'N13 what passes is split');
    await removed(world, tens.lists);
    await outbound.deleteOutboundImporttemplate(parted.id);
    await outbound.deleteOutboundImporttemplate(chosen.id);
    return of_other;
}

/* The names of a list's contacts, in order. */
async function members(world, list) {
    return (await exported(world, list)).split('\r\n').slice(1, -1).map((line) => line.split(',')[1]).sort();
}

/* One list for each filter. */
async function custom(world, model, { of_list, made }, of_other) {
    const { outbound } = world;
    const filter = (name, ...predicates) => outbound.postOutboundContactlistfilters(of_template(model, name, ...predicates));
    const create = (name, value, more = {}, rest = {}) => outbound.postOutboundImporttemplates({
        name, contactListTemplate: { id: model.id }, listNameFormat: 'Custom', customListNameFormatValue: '%N %F', useSplittingCriteria: true,
        splittingInformation: { criteria: 'Custom', criteriaValue: value, ...more }, ...rest });
    const ones = await filter('N1', predicate('Nom', 'BEGINS_WITH', 'N1'));
    const none = await filter('Personne', predicate('Ville', 'EQUALS', 'Brest'));
    const wrong = [
        ['', /^splittingInformation\.criteriaValue: must be the ids of from 1 to 50 contact list filters/],
        [NOBODY, /criteriaValue: "00000000-0000-4000-8000-000000000000" is not the id of a contact list filter/],
        ['Lyonnais', /criteriaValue: "Lyonnais" is not the id of a contact list filter: write ids with commas/],
        [`${made.id},`, /criteriaValue: "" is not the id of a contact list filter/],
        [`${made.id},${ones.id}, ${made.id}`, /criteriaValue: the contact list filter \S+ is there twice/],
        [of_list.id, /criteriaValue: "De liste" is a filter of a contact list: use one whose sourceType/],
        [of_other.id, /criteriaValue: "Autre" is a filter of another contact list template/],
    ];
    for (const [value, words] of wrong)
        await refused(create('x', value), 400, 'invalid.value', words, `N13 a wrong split by filters (${SPLIT})`);
    await refused(create('x', made.id, {}, { customListNameFormatValue: '%N YYYY' }), 400, 'invalid.value',
                  /^customListNameFormatValue: must tell the lists of one file apart/, 'N13 lists by filters with one name');
    await refused(outbound.postOutboundImporttemplates({
        name: 'x', contactListTemplate: { id: model.id }, listNameFormat: 'Custom', customListNameFormatValue: '%N %F', useSplittingCriteria: true,
        splittingInformation: { criteria: 'Quantity', criteriaValue: '3' } }), 400, 'invalid.value',
                  /^customListNameFormatValue: must tell the lists/, 'N13 %F tells apart only what filters split');
    const many = [];
    for (let i = 0; i < 51; i++)
        many.push((await filter(`Beaucoup ${i}`, predicate('Nom', 'CONTAINS', 'N'))).id);
    await refused(create('x', many.join(',')), 400, 'invalid.value', /criteriaValue: a file is split by at most 50/, 'N13 a split by too many filters');
    const most = await create('Cinquante', many.slice(1).join(','), { useWaterfallRule: true });
    const fifty = await through(world, most, csv(people(20)), '50');
    equal([fifty.lists.length, fifty.lists[0].name, fifty.lists[0].size, fifty.lists[49].name, fifty.lists[49].size],
          [50, '50 Beaucoup 1', 18, '50 Beaucoup 50', 0], 'N13 a split by as many as there may be');
    await removed(world, fifty.lists);
    await outbound.deleteOutboundImporttemplate(most.id);
    for (const id of many)
        await outbound.deleteOutboundContactlistfilter(id);

    const rows = people(100);
    const good = rows.filter(valid);
    const is_lyon = (row) => row.Ville === 'Lyon';
    const is_one = (row) => row.Nom.startsWith('N1');
    const named = (holds) => good.filter(holds).map((row) => row.Nom).sort();
    check(named((row) => is_lyon(row) && is_one(row)).length > 1, 'the filters overlap');
    const value = `${made.id}, ${ones.id},${none.id}`;
    const seen = async (result) => [result.lists.map((list) => [list.name, list.size]),
                                    await Promise.all([0, 1].map((i) => members(world, result.lists[i])))];
    const sets = (name, ...lists) => [lists.map(([last, set]) => [`${name} ${last}`, set.length]), lists.slice(0, 2).map(([, set]) => set)];
    const taken = (row) => is_lyon(row) || is_one(row);

    const each = await create('À chacun', value);
    equal([each.splittingInformation, Object.keys(each).filter((key) => key.startsWith('_'))],
          [{ criteria: 'Custom', criteriaValue: value, createRemainderContactList: false, useWaterfallRule: false }, []],
          'N13 an import template that splits by filters');
    const all = await through(world, each, csv(rows), 'E');
    equal(await seen(all), sets('E', ['Lyonnais', named(is_lyon)], ['N1', named(is_one)], ['Personne', []]), 'N13 a row goes to every list whose filter means it');
    const copies = named(is_lyon).length + named(is_one).length;
    const outside = good.length - named(taken).length;
    equal(counts(all.status), ['COMPLETE', 10 + outside + copies, copies, 10, outside], 'N13 and counts once in each; the others are filtered out');
    await removed(world, all.lists);
    const used = await refused(outbound.deleteOutboundContactlistfilter(ones.id), 409, 'entity.in.use', /in use/, 'N15 a filter that a split uses');
    equal(used.errors.map((one) => [one.id, one.name]), [[each.id, 'À chacun']], 'N15 and the import template is named');

    const first = await outbound.putOutboundImporttemplate(each.id, { ...each, splittingInformation: { ...each.splittingInformation, useWaterfallRule: true } });
    const fall = await through(world, first, csv(rows), 'F');
    equal(await seen(fall), sets('F', ['Lyonnais', named(is_lyon)], ['N1', named((row) => is_one(row) && !is_lyon(row))], ['Personne', []]),
          'N13 by the waterfall rule it goes to the first alone');
    equal(counts(fall.status), ['COMPLETE', 100, good.length - outside, 10, outside], 'N13 and each row counts once');
    await removed(world, fall.lists);

    const rest = await outbound.putOutboundImporttemplate(each.id, { ...first, customListNameFormatValue: '%N %P-%F',
        splittingInformation: { criteria: 'Custom', criteriaValue: `${ones.id},${made.id}`, useWaterfallRule: true, createRemainderContactList: true } });
    const kept = await through(world, rest, csv(rows), 'R');
    equal(await seen(kept), sets('R', ['1-N1', named(is_one)], ['2-Lyonnais', named((row) => is_lyon(row) && !is_one(row))],
                                 ['Remainder-Remainder', named((row) => !taken(row))]), 'N13 what no filter means is the remainder');
    equal(await members(world, kept.lists[2]), named((row) => !taken(row)), 'N13 those very rows');
    equal(counts(kept.status), ['COMPLETE', 100, 90, 10, 0], 'N13 and nothing is filtered out');
    await removed(world, kept.lists);
    await outbound.deleteOutboundContactlistfilter(none.id);

    /* The template's filter comes first; one filter may be both. */
    const both = await outbound.putOutboundImporttemplate(each.id, { ...rest, contactListFilter: { id: ones.id } });
    const twice = await through(world, both, csv(rows), 'D');
    equal([twice.lists.map((list) => [list.name, list.size]), counts(twice.status)],
          [[['D 1-N1', named(is_one).length], ['D 2-Lyonnais', 0]],
           ['COMPLETE', 100, named(is_one).length, 10, good.length - named(is_one).length]], 'N13 what the template does not mean is in no remainder');
    await removed(world, twice.lists);
    const still = await refused(outbound.deleteOutboundContactlistfilter(ones.id), 409, 'entity.in.use', /in use by 1 other thing /, 'N15 a filter that is used twice');
    equal(still.errors.map((one) => one.id), [each.id], 'N15 has one user');
    const nothing = await through(world, both, csv([{ Nom: 'Zoé', Ville: 'Lyon', Fixe: '0142000001' }]), 'Z');
    equal([counts(nothing.status), nothing.lists], [['FAILED', 1, 0, 0, 1], []], 'N13 a file that no filter means makes no list');

    const plain = await outbound.putOutboundImporttemplate(each.id, { ...both, contactListFilter: undefined, useSplittingCriteria: false, splittingInformation: undefined });
    check(!('contactListFilter' in plain), 'N13 filters are taken away', plain);
    await outbound.deleteOutboundContactlistfilter(ones.id);
    await outbound.deleteOutboundImporttemplate(each.id);
}

export async function splits(world, model) {
    const made = await filter_life(world, model);
    const of_other = await chosen_rows(world, model, made);
    await custom(world, model, made, of_other);
    for (const one of [made.made, made.of_list, of_other])
        await world.outbound.deleteOutboundContactlistfilter(one.id);
    await world.outbound.deleteOutboundContactlisttemplate(made.other.id);
    await world.outbound.deleteOutboundContactlist(made.list.id);
}
