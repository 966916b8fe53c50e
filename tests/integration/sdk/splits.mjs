/* What filters of a contact list template do to a file: which of its rows are imported, and into
 * which lists (N13, N15; features.md 3.3 and 3.4). Expectations are asked of the rows themselves. */
import { equal, refused } from './world.mjs';
import { NOBODY, columnNames, phoneColumns } from './templates.mjs';

const FILTERS = '/api/cadran/v1/contactlistfilters';

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

export async function splits(world, model) {
    const made = await filter_life(world, model);
    for (const one of [made.made, made.of_list])
        await world.outbound.deleteOutboundContactlistfilter(one.id);
    await world.outbound.deleteOutboundContactlisttemplate(made.other.id);
    await world.outbound.deleteOutboundContactlist(made.list.id);
}
