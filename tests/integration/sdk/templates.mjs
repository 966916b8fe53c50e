/* Templates of lists, of imports and of files (N12, N13, N14), and dry runs. */
import { exported, uploaded } from './lists.mjs';
import { splits } from './splits.mjs';
import { check, equal, refused, until } from './world.mjs';

export const NOBODY = '00000000-0000-4000-8000-000000000000';
export const columnNames = ['Nom', 'Ville', 'Fixe'];
export const phoneColumns = [{ columnName: 'Fixe', type: 'Home' }];

export function people(count) {
    return Array.from({ length: count }, (_, i) => ({
        Nom: `N${i}`, Ville: ['Lyon', 'Metz', '', 'Nice'][i % 4], Fixe: i % 10 === 9 ? 'none' : `+3314200${1000 + i}` }));
}

export function csv(rows) {
    return `Nom,Ville,Fixe\r\n${rows.map((one) => `${one.Nom},${one.Ville},${one.Fixe}\r\n`).join('')}`;
}

/* Uploads through an import template; the status at the end, with its lists. */
export async function through(world, template, text, listNamePrefix, more = {}) {
    const { outbound } = world;
    const { url, headers } = await outbound.postOutboundContactlistsUploads({
        importTemplateId: template.id, listNamePrefix, contentType: 'text/csv', ...more });
    equal((await fetch(url, { method: 'PUT', headers, body: text })).status, 200, 'N13 a file is put for a template');
    const status = await until('the import through the template ends', async () => {
        const at = await outbound.getOutboundImporttemplateImportstatus(template.id);
        return at.state !== 'IN_PROGRESS' && at;
    });
    const lists = [];
    for (const id of status.targetContactListIds ?? [])
        lists.push(await outbound.getOutboundContactlist(id));
    return { status, lists };
}

export async function removed(world, lists) {
    if (lists.length)
        await world.outbound.deleteOutboundContactlists(lists.map((one) => one.id));
}

async function list_templates(world) {
    const { outbound } = world;
    const made = await outbound.postOutboundContactlisttemplates({
        name: 'Modèle', columnNames, phoneColumns, automaticTimeZoneMapping: true, trimWhitespace: true,
        attemptLimits: { id: world.limits.id }, emailColumns: [{ columnName: 'Nom', type: 'Work' }],
        columnDataTypeSpecifications: [{ columnName: 'Ville', columnDataType: 'TEXT', maxLength: 30 }] });
    equal([made.version, made.columnNames, made.emailColumns, made.columnDataTypeSpecifications],
          [1, columnNames, [{ columnName: 'Nom', type: 'Work' }], [{ columnName: 'Ville', columnDataType: 'TEXT', maxLength: 30 }]],
          'N12 a contact list template is made');
    equal(await outbound.getOutboundContactlisttemplate(made.id), made, 'N12 and read');
    const put = await outbound.putOutboundContactlisttemplate(made.id, { ...made, name: 'Modèle 2' });
    equal([put.name, put.version], ['Modèle 2', 2], 'N12 replaced');
    await refused(outbound.putOutboundContactlisttemplate(made.id, made), 409, 'version.conflict', /somebody else/, 'N12 a stale version');
    check((await outbound.getOutboundContactlisttemplates({ name: 'Modèle' })).entities.length === 1, 'N12 listed by name');
    const wrong = [
        [{ emailColumns: [{ columnName: 'x', type: 'y' }] }, /^emailColumns\[0\]\.columnName: must be one of/],
        [{ columnDataTypeSpecifications: [{ columnName: 'x', columnDataType: 'TEXT' }] }, /^columnDataTypeSpecifications\[0\]\.columnName/],
        [{ columnDataTypeSpecifications: [{ columnName: 'Nom', columnDataType: 'DATE' }] }, /columnDataType: must be one of TEXT, NUMERIC, TIMESTAMP/],
        [{ retentionType: 'RetentionDays' }, /^retentionDays: required/],
        [{ retentionType: 'Week' }, /^retentionType: must be one of Never, Today, RetentionDays/],
        [{ timeZone: 'Moon/Sea' }, /^timeZone: is not a time zone/],
        [{ previewModeColumnName: 'x' }, /^previewModeColumnName: must be one of/],
        [{ columnNames: Array.from({ length: 51 }, (_, i) => `c${i}`) }, /^columnNames: must have from 1 to 50 items/],
        [{ phoneColumns: Array.from({ length: 11 }, () => phoneColumns[0]) }, /^phoneColumns: must have from 0 to 10 items/],
        [{ columnNames: [...columnNames, 'x'.repeat(129)] }, /^columnNames\[3\]: must have from 1 to 128 characters/],
    ];
    for (const [part, words] of wrong)
        await refused(outbound.postOutboundContactlisttemplates({ name: 'faux', columnNames, phoneColumns, ...part }), 400,
                      'invalid.value', words, 'N12 a wrong template');
    return put;
}

async function import_templates(world, model) {
    const { outbound } = world;
    const create = (body) => outbound.postOutboundImporttemplates({ contactListTemplate: { id: model.id }, ...body });
    const wrong = [
        [{ name: 'x', contactListTemplate: { id: NOBODY } }, /^contactListTemplate: there is no such contact list template/],
        [{ name: 'x', useSplittingCriteria: true }, /^splittingInformation: required/],
        [{ name: 'x', useSplittingCriteria: true, splittingInformation: { criteria: 'Quantity', criteriaValue: 'a' } }, /criteriaValue: must be how many/],
        [{ name: 'x', useSplittingCriteria: true, splittingInformation: { criteria: 'Percentage', criteriaValue: '101' } }, /criteriaValue: must be a percentage/],
        [{ name: 'x', useSplittingCriteria: true, splittingInformation: { criteria: 'Column', criteriaValue: 'Pays' } }, /criteriaValue: is not a column/],
        [{ name: 'x', useSplittingCriteria: true, splittingInformation: { criteria: 'Half', criteriaValue: '1' } }, /criteria: must be one of Percentage, Quantity, Column, Custom/],
        [{ name: 'x', listNameFormat: 'Custom', customListNameFormatValue: 'YYYY' }, /^customListNameFormatValue: must have at least %N/],
        [{ name: 'x', useSplittingCriteria: true, listNameFormat: 'ListNamePrefix',
           splittingInformation: { criteria: 'Quantity', criteriaValue: '5' } }, /^listNameFormat: must tell the lists of one file apart/],
    ];
    for (const [body, words] of wrong)
        await refused(create(body), 400, 'invalid.value', words, 'N13 a wrong import template');

    const whole = await create({ name: 'Entier', listNameFormat: 'ListNamePrefix' });
    equal([whole.useSplittingCriteria, whole.listNameFormat, whole.contactListTemplate.id], [false, 'ListNamePrefix', model.id],
          'N13 an import template is made');
    await refused(outbound.deleteOutboundContactlisttemplate(model.id), 409, 'entity.in.use', /in use/, 'N12 a template in use');
    const rows = people(100);
    const one = await through(world, whole, csv(rows), 'Tout');
    equal([one.status.state, one.status.totalRecords, one.status.completedRecords, one.status.cadran.refusedRecords, one.status.listNamePrefix],
          ['COMPLETE', 100, 90, 10, 'Tout'], 'N13 a file becomes a list');
    equal(one.lists.map((list) => [list.name, list.size, list.columnNames, list.attemptLimits.id]), [['Tout', 90, columnNames, world.limits.id]],
          'N13 as its template says');
    const again = await through(world, whole, csv(rows), 'Tout');
    equal([again.status.state, again.lists.length], ['FAILED', 0], 'N13 a name that is taken fails');
    check(/already a contact list "Tout"/.test(again.status.failureReason), 'N13 and says so', again.status);
    equal((await outbound.getOutboundContactlist(one.lists[0].id)).size, 90, 'N13 and the first list stays');
    await removed(world, one.lists);

    const parts = await create({ name: 'Quantité', listNameFormat: 'ListNamePrefixPart', useSplittingCriteria: true,
                                 splittingInformation: { criteria: 'Quantity', criteriaValue: '40' } });
    const quantity = await through(world, parts, csv(rows), 'Q');
    equal(quantity.lists.map((list) => [list.name, list.size]), [['Q-1', 40], ['Q-2', 40], ['Q-3', 10]], 'N13 by quantity: at most so many');
    await removed(world, quantity.lists);

    const percent = (remainder) => ({ name: `Pour cent ${remainder}`, listNameFormat: 'Custom', customListNameFormatValue: '%N (%P)',
                                      useSplittingCriteria: true,
                                      splittingInformation: { criteria: 'Percentage', criteriaValue: '30', createRemainderContactList: remainder } });
    const with_rest = await create(percent(true));
    const shares = await through(world, with_rest, csv(rows), 'P');
    equal(shares.lists.map((list) => [list.name, list.size]), [['P (1)', 27], ['P (2)', 27], ['P (3)', 27], ['P (Remainder)', 9]],
          'N13 by percentage of the valid contacts, with the remainder');
    await removed(world, shares.lists);
    const without = await create(percent(false));
    const three = await through(world, without, csv(rows), 'P');
    equal([three.lists.map((list) => list.size), three.status.completedRecords], [[27, 27, 27], 81], 'N13 and without it');
    await removed(world, three.lists);

    const few = await through(world, without, csv(rows.slice(0, 2)), 'P');
    equal([few.status.state, few.lists.map((list) => [list.name, list.size])], ['COMPLETE', [['P (1)', 1], ['P (2)', 1]]], 'N13 shares of less than a contact');
    await removed(world, few.lists);
    const tenth = await outbound.putOutboundImporttemplate(without.id, { ...without, splittingInformation: { criteria: 'Percentage', criteriaValue: '10' } });
    const four = await through(world, tenth, csv(rows.slice(0, 4)), 'P');
    equal([four.status.state, four.lists.map((list) => [list.name, list.size])],
          ['COMPLETE', [1, 2, 3, 4].map((part) => [`P (${part})`, 1])], 'N13 a share without a contact makes no list');
    await removed(world, four.lists);

    const by_column = await create({ name: 'Ville', listNameFormat: 'Custom', customListNameFormatValue: '%N %C YYYY',
                                     useSplittingCriteria: true,
                                     splittingInformation: { criteria: 'Column', criteriaValue: 'Ville', createRemainderContactList: true } });
    const cities = await through(world, by_column, csv(rows), 'V');
    const year = new Date().getUTCFullYear();
    const good = rows.filter((row) => row.Fixe !== 'none');
    const expected = ['Lyon', 'Metz', '', 'Nice'].map((city) => [`V ${city || 'Remainder'} ${year}`, good.filter((row) => row.Ville === city).length]);
    equal(cities.lists.map((list) => [list.name, list.size]), expected, 'N13 by column: one list per value');
    const lyon = await exported(world, cities.lists[0]);
    check(lyon.split('\r\n').slice(1, -1).every((line) => line.includes(',Lyon,')), 'N13 each contact is in the list of its value', lyon);
    await removed(world, cities.lists);
    await refused(outbound.postOutboundContactlistsUploads({ importTemplateId: by_column.id, contentType: 'text/csv' }), 400,
                  'invalid.value', /^listNamePrefix: required/, 'N13 an upload without a prefix');
    await refused(outbound.getOutboundImporttemplateImportstatus(NOBODY), 404, 'not.found', /no such import template/, 'N13 no such template');
    for (const one of [whole, parts, with_rest, without, by_column])
        await outbound.deleteOutboundImporttemplate(one.id);
}

async function file_specifications(world) {
    const { outbound } = world;
    const fixed = await outbound.postOutboundFilespecificationtemplates({
        name: 'Largeur', format: 'FixedLength', header: false, numberOfHeadingLinesSkipped: 1, numberOfTrailingLinesSkipped: 1,
        columnInformation: [{ columnName: 'Nom', startPosition: 0, length: 8 }, { columnName: 'Fixe', startPosition: 8, length: 12 }],
        preprocessingRules: [{ find: '(\\d)\\.', replaceWith: '$1', global: true, ignoreCase: false }] });
    equal([fixed.format, fixed.columnInformation.length, fixed.version], ['FixedLength', 2, 1], 'N14 a file specification is made');
    const list = await outbound.postOutboundContactlists({ name: 'Étranger', columnNames, phoneColumns });
    const status = await uploaded(world, list, 'TITRE\r\nAnne    +33142000001\r\nBob     01.42.00.00.02\r\nFIN 2\r\n',
                                  { fileSpecificationTemplateId: fixed.id });
    equal([status.state, status.completedRecords], ['COMPLETE', 2], 'N14 a file of fixed length is read');
    const found = (await outbound.postOutboundContactlistContactsSearch(list.id, {})).entities.map((one) => one.data);
    equal(found, [{ Nom: 'Anne', Ville: '', Fixe: '+33142000001' }, { Nom: 'Bob', Ville: '', Fixe: '0142000002' }],
          'N14 with lines passed over and texts replaced');
    const delimited = await outbound.postOutboundFilespecificationtemplates({
        name: 'Barres', format: 'Delimited', delimiter: 'Custom', delimiterValue: '~', header: true,
        columnInformation: [{ columnName: 'Fixe', columnNumber: 2 }, { columnName: 'Nom', columnNumber: 0 }] });
    await outbound.postOutboundContactlistClear(list.id);
    await uploaded(world, list, 'n~v~t\nCléo~Metz~0142000003\n', { fileSpecificationTemplateId: delimited.id });
    equal((await outbound.postOutboundContactlistContactsSearch(list.id, {})).entities.map((one) => one.data),
          [{ Nom: 'Cléo', Ville: '', Fixe: '0142000003' }], 'N14 a delimited file, its columns by number');
    const bad = await uploaded(world, list, `${'x'.repeat(70000)}\n`, { fileSpecificationTemplateId: delimited.id });
    check(bad.state === 'FAILED' && /line 1: the line has more than 65536 bytes/.test(bad.failureReason), 'N14 a line without bounds', bad);
    const wrong = [
        [{ format: 'FixedLength' }, /^columnInformation: required/],
        [{ format: 'FixedLength', columnInformation: [{ columnName: 'a', startPosition: 0 }] }, /^columnInformation\[0\]\.length: required/],
        [{ format: 'Delimited', header: false }, /^columnInformation: required/],
        [{ format: 'Delimited', delimiter: 'Custom' }, /^delimiterValue: required/],
        [{ format: 'Delimited', delimiter: 'Dash' }, /^delimiter: must be one of/],
        [{ format: 'Delimited', preprocessingRules: [{ find: '(?=a)', replaceWith: '' }] }, /^preprocessingRules\[0\]\.find: is not a regular expression/],
        [{ format: 'Delimited', preprocessingRules: [{ find: '(a)\\1', replaceWith: '' }] }, /no back reference/],
        [{ format: 'Delimited', preprocessingRules: [{ find: '(a', replaceWith: '' }] }, /is not a regular expression/],
        [{ format: 'XML' }, /^format: must be one of FixedLength, Delimited/],
    ];
    for (const [part, words] of wrong)
        await refused(outbound.postOutboundFilespecificationtemplates({ name: 'faux', ...part }), 400, 'invalid.value', words,
                      'N14 a wrong file specification');
    await outbound.deleteOutboundContactlist(list.id);
    await outbound.deleteOutboundFilespecificationtemplatesBulk([fixed.id, delimited.id]);
    equal((await outbound.getOutboundFilespecificationtemplates()).total, 0, 'N14 several are removed at once');
}

/* Shown before it is used: what a file looks like. */
async function dry_run(world) {
    const { outbound, get } = world;
    const list = await outbound.postOutboundContactlists({ name: 'À blanc', columnNames, phoneColumns });
    const latin = Buffer.from('Nom;Fixe;Note\r\nZoé;0142000001;1,5\r\nBob;x;2,25\r\n', 'latin1');
    const { job, ...status } = await uploaded(world, list, latin, { dryRun: true });
    equal([status.state, status.totalRecords], ['COMPLETE', 2], '19 N13 a dry run ends');
    const { report } = await get(`/api/cadran/v1/jobs/${job}`);
    equal(report, { encoding: 'windows-1252', delimiter: ';', decimal: ',', hasHeader: true, isExport: false,
                    columns: ['Nom', 'Fixe', 'Note'], rows: 2, wouldImport: 1, wouldRefuse: 1, invalidNumbers: 0 },
          '19 N13 and shows encoding, delimiter, header and decimals');
    equal((await outbound.getOutboundContactlist(list.id)).size, 0, '19 N13 nothing is written');
    const files = [
        ['PK\x03\x04zip', /workbook or an archive/], [Buffer.from('\ufeffNom,Fixe\n', 'utf16le'), /UTF-16/],
        ['Nom,Fixe\n"a,0142000001\n', null], [`${'x'.repeat(129)},Fixe\n`, /line 1: the name of column 1 has more than 128/],
        [`${Array.from({ length: 51 }, (_, i) => `c${i}`).join(',')}\n`, /line 1: the file has more than 50 columns/]];
    for (const [text, words] of files) {
        const bad = await uploaded(world, list, text);
        if (words)
            check(bad.state === 'FAILED' && words.test(bad.failureReason), `19 N13 a file that hurts: ${words}`, bad);
        else
            equal([bad.state, bad.completedRecords, bad.cadran.refusedRecords], ['COMPLETE', 0, 1], '19 N13 a quote that is never closed');
        equal((await outbound.getOutboundContactlist(list.id)).size, 0, '19 N13 nothing is half imported');
    }
    await outbound.deleteOutboundContactlist(list.id);
}

async function several(world) {
    const { outbound } = world;
    const lists = [];
    for (const name of ['Un', 'Deux', 'Trois'])
        lists.push(await outbound.postOutboundContactlists({ name, columnNames, phoneColumns }));
    const [one, two, three] = lists;
    const view = await outbound.getOutboundContactlistsDivisionview(one.id);
    equal([view.name, view.columnNames, view.size, 'attemptLimits' in view, view.division.name], ['Un', columnNames, 0, false, 'Home'],
          'N11 a division view of a list');
    check((await outbound.getOutboundContactlistsDivisionviews({ name: 'Deux' })).entities.length === 1, 'N11 division views are listed');
    const dnc = await outbound.getOutboundDnclistsDivisionviews();
    check(dnc.entities.length >= 1 && dnc.entities[0].dncSourceType === 'rds', 'N16 division views of do-not-contact lists', dnc);
    equal((await outbound.getOutboundDnclistsDivisionview(world.dnc.id)).name, world.dnc.name, 'N16 one of them');
    await refused(outbound.deleteOutboundContactlists([one.id, NOBODY]), 404, 'not.found', /no such contact list/, 'N11 several, one unknown');
    equal((await outbound.getOutboundContactlist(one.id)).name, 'Un', 'N11 then none is removed');
    await outbound.deleteOutboundContactlists([one.id, two.id]);
    await refused(outbound.getOutboundContactlist(two.id), 404, 'not.found', /no such/, 'N11 several lists are removed');
    await outbound.deleteOutboundContactlist(three.id);
}

export async function templates(world) {
    const model = await list_templates(world);
    await import_templates(world, model);
    await splits(world, model);
    await model_removed(world, model);
    await file_specifications(world);
    await dry_run(world);
    await several(world);
}

async function model_removed(world, model) {
    await world.outbound.deleteOutboundContactlisttemplates([model.id]);
    await refused(world.outbound.getOutboundContactlisttemplate(model.id), 404, 'not.found', /no such/, 'N12 a removed template');
}
