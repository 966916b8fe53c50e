/* Do-not-contact lists (N16): types, entries, expiry, files, and the gate. */
import { exported } from './lists.mjs';
import { check, equal, refused, until } from './world.mjs';

const DAY = 86400000;

function minute(at) {
    return `${new Date(at).toISOString().slice(0, 16)}Z`;
}

async function size(world, list) {
    return (await world.outbound.getOutboundDnclist(list.id)).size;
}

async function types(world) {
    const { outbound } = world;
    const made = [];
    const create = async (body) => {
        const list = await outbound.postOutboundDnclists(body);
        made.push(list);
        return list;
    };
    const paid = await create({ name: 'Payant', dncSourceType: 'dnc.com', loginId: 'me', campaignId: '7', dncCodes: ['B', 'Y'] });
    equal([paid.loginId, paid.campaignId, paid.dncCodes], ['me', '7', ['B', 'Y']], 'N16 dnc.com is accepted on the wire');
    const gryphon = await create({ name: 'Griffon', dncSourceType: 'gryphon', licenseId: 'L1' });
    equal(gryphon.licenseId, 'L1', 'N16 gryphon is accepted on the wire');
    await refused(outbound.postOutboundDnclistPhonenumbers(paid.id, ['+33142000001'], {}), 400, 'invalid.value',
                  /^dncSourceType: .*dnc\.com.*does not ask/, 'N16 dnc.com on use');
    await refused(outbound.postOutboundDnclists({ name: 'x', dncSourceType: 'dnc.com' }), 400, 'invalid.value',
                  /^loginId: required/, 'N16 dnc.com without a login');
    await refused(outbound.postOutboundDnclists({ name: 'x', dncSourceType: 'gryphon' }), 400, 'invalid.value',
                  /^licenseId: required/, 'N16 gryphon without a licence');
    await refused(outbound.postOutboundDnclists({ name: 'x', dncSourceType: 'dnc.com', loginId: 'a', dncCodes: ['A'] }), 400,
                  'invalid.value', /^dncCodes\[0\]: must be a letter from B to Y/, 'N16 a code that is none');
    await refused(outbound.postOutboundDnclists({ name: 'x', dncSourceType: 'rds_custom' }), 400, 'invalid.value',
                  /^customExclusionColumn: required/, 'N16 rds_custom without a column');
    await refused(outbound.postOutboundDnclists({ name: 'x', dncSourceType: 'other' }), 400, 'invalid.value',
                  /^dncSourceType: must be one of/, 'N16 a type that is none');
    const custom = await create({ name: 'Colonne', dncSourceType: 'rds_custom', customExclusionColumn: 'Ville' });
    await refused(outbound.putOutboundDnclist(custom.id, { ...custom, customExclusionColumn: 'Nom' }), 400, 'invalid.value',
                  /^customExclusionColumn: cannot be changed/, 'N16 the column is fixed');
    for (const contactMethod of ['Phone', 'Email', 'Any', 'WhatsApp'])
        equal((await create({ name: `Par ${contactMethod}`, dncSourceType: 'rds', contactMethod })).contactMethod, contactMethod,
              `N16 contactMethod ${contactMethod}`);
    for (const list of made)
        await outbound.deleteOutboundDnclist(list.id);
}

async function entries(world) {
    const { outbound } = world;
    const phone = await outbound.postOutboundDnclists({ name: 'Numéros', dncSourceType: 'rds', contactMethod: 'Phone' });
    const soon = minute(Date.now() + DAY);
    await outbound.postOutboundDnclistPhonenumbers(phone.id, ['+33142000001', '01 42 00 00 02'], {});
    await outbound.postOutboundDnclistPhonenumbers(phone.id, ['+33142000003'], { expirationDateTime: soon });
    await outbound.patchOutboundDnclistPhonenumbers(phone.id, { action: 'Add', phoneNumbers: ['+33142000004'], expirationDateTime: soon });
    equal(await size(world, phone), 4, 'N16 entries are added');
    await outbound.patchOutboundDnclistPhonenumbers(phone.id, { action: 'Remove', phoneNumbers: ['+33142000004'] });
    equal(await size(world, phone), 3, 'N16 and removed');
    const wrong = [
        [minute(Date.now() + 181 * DAY), 'more than 180 days ahead'],
        [minute(Date.now() - DAY), 'in the past'],
        ['tomorrow', 'no date'],
    ];
    for (const [expirationDateTime, what] of wrong)
        await refused(outbound.postOutboundDnclistPhonenumbers(phone.id, ['+33142000005'], { expirationDateTime }), 400,
                      'invalid.value', /^expirationDateTime: must be yyyy-MM-ddTHH:mmZ/, `N16 an expiry that is ${what}`);
    await outbound.postOutboundDnclistPhonenumbers(phone.id, ['+33142000005'], { expirationDateTime: minute(Date.now() + 179 * DAY) });
    await refused(outbound.patchOutboundDnclistPhonenumbers(phone.id, { action: 'Turn', phoneNumbers: [] }), 400, 'invalid.value',
                  /^action: must be Add or Remove/, 'N16 an action that is none');
    await refused(outbound.postOutboundDnclistEmailaddresses(phone.id, ['a@example.com']), 400, 'invalid.value',
                  /^contactMethod: the list holds telephone numbers/, 'N16 an address in a list of numbers');

    const file = await exported(world, phone, 'Dnclist');
    equal(file, `phone,expirationDateTime\r\n+33142000001,\r\n+33142000002,\r\n+33142000003,${soon}\r\n+33142000005,` +
          `${minute(Date.now() + 179 * DAY)}\r\n`, 'N16 an export has every entry and its expiry');
    const copy = await outbound.postOutboundDnclists({ name: 'Copie', dncSourceType: 'rds' });
    const status = await upload(world, copy, file, { phoneColumns: 'phone', expirationDateTimeColumn: 'expirationDateTime' });
    equal([status.state, status.totalRecords, status.completedRecords, status.percentComplete], ['COMPLETE', 4, 4, 100],
          'N16 a file is uploaded');
    equal(await exported(world, copy, 'Dnclist'), file, '20 N16 export, import, export gives the same bytes');
    const second = await upload(world, copy, 'x;mobile;until\r\n1;0612345678;31/12/2026\r\n2;nobody;\r\n', {
        phoneColumns: 'mobile', expirationDateTimeColumn: 'until' });
    equal([second.completedRecords, second.cadran.refusedRecords], [1, 1], 'N16 a wrong row is refused, the others come in');
    check((await exported(world, copy, 'Dnclist')).includes('+33612345678,\r\n'), 'N16 a wrong expiry is none');
    equal((await upload(world, copy, 'a,b\r\n1,2\r\n', { phoneColumns: 'c' })).state, 'FAILED', 'N16 a file without the column fails');
    await outbound.deleteOutboundDnclistPhonenumbers(copy.id, { expiredOnly: true });
    equal(await size(world, copy), 5, 'N16 nothing has expired');
    await outbound.deleteOutboundDnclistPhonenumbers(copy.id, {});
    equal(await size(world, copy), 0, 'N16 all are removed');

    const email = await outbound.postOutboundDnclists({ name: 'Courriels', dncSourceType: 'rds', contactMethod: 'Email' });
    await outbound.postOutboundDnclistEmailaddresses(email.id, ['Anne@Example.com', 'b@example.com']);
    await outbound.patchOutboundDnclistEmailaddresses(email.id, { action: 'Remove', emailAddresses: ['B@example.com'] });
    equal(await exported(world, email, 'Dnclist'), 'email,expirationDateTime\r\nanne@example.com,\r\n', 'N16 e-mail addresses, without case');
    await refused(outbound.postOutboundDnclistEmailaddresses(email.id, ['nobody']), 400, 'invalid.value',
                  /^\[0\]: is not an e-mail address/, 'N16 a wrong address');
    await outbound.deleteOutboundDnclistEmailaddresses(email.id, {});
    equal(await size(world, email), 0, 'N16 and removed');
    for (const list of [phone, copy, email])
        await outbound.deleteOutboundDnclist(list.id);
}

async function upload(world, list, text, more) {
    const { outbound } = world;
    const { url, headers } = await outbound.postOutboundDnclistsUploads({ id: list.id, contentType: 'text/csv', ...more });
    equal((await fetch(url, { method: 'PUT', headers, body: text })).status, 200, 'N16 the file is put where it was told');
    return until('the upload ends', async () => {
        const status = await outbound.getOutboundDnclistImportstatus(list.id);
        return status.state !== 'IN_PROGRESS' && status;
    });
}

/* The gate blocks a contact whose column value is listed, and says so. */
async function gate(world) {
    const { outbound, get } = world;
    const list = await outbound.postOutboundContactlists({ name: 'Gardée', columnNames: ['Ville', 'Fixe'],
                                                           phoneColumns: [{ columnName: 'Fixe', type: 'Home' }] });
    await outbound.postOutboundContactlistContacts(list.id, [
        { id: 'lyon', data: { Ville: 'Lyon', Fixe: '+33142000001' } }, { id: 'metz', data: { Ville: 'Metz', Fixe: '+33142000002' } }]);
    const custom = await outbound.postOutboundDnclists({ name: 'Villes', dncSourceType: 'rds_custom', customExclusionColumn: 'Ville' });
    await outbound.patchOutboundDnclistCustomexclusioncolumns(custom.id, { action: 'Add', customExclusionColumnEntries: ['Lyon', 'Nice'] });
    equal(await size(world, custom), 2, 'N16 values of a column are listed');
    equal(await exported(world, custom, 'Dnclist'), 'Ville,expirationDateTime\r\nLyon,\r\nNice,\r\n', 'N16 and exported');
    const base = { name: 'Gardienne', contactList: { id: list.id }, dialingMode: 'agentless', outboundLineCount: 1, alwaysRunning: true,
                   phoneColumns: [{ columnName: 'Fixe' }], callerName: 'C', callerAddress: '+33123456789' };
    /* Closed today: the gate is asked, and nobody is called. */
    const day = (new Date().getUTCDay() + 3) % 7 + 1;
    const closed = await outbound.postOutboundCallabletimesets({ name: 'Fermé', callableTimes: [
        { timeZoneId: 'Europe/Paris', timeSlots: [{ day, startTime: '10:00:00', stopTime: '10:01:00' }] }] });
    const trunk = await world.post('/api/cadran/v1/trunks', { name: 'Nulle part', host: '127.0.0.1', port: 9 });
    const campaign = await outbound.postOutboundCampaigns({ ...base, dncLists: [{ id: custom.id }], site: { id: trunk.id },
                                                            callableTimeSet: { id: closed.id } });
    await outbound.postOutboundCampaignStart(campaign.id);
    const verdict = async (id) => {
        const said = await get(`/api/cadran/v1/campaigns/${campaign.id}/contacts/${id}/explanation`);
        return said.steps.filter((step) => step.check === 'do_not_contact').map((step) => step.passed);
    };
    equal(await verdict('lyon'), [false], 'N16 a contact whose value is listed is not called');
    equal(await verdict('metz'), [true], 'N16 another one is');
    await outbound.patchOutboundDnclistCustomexclusioncolumns(custom.id, { action: 'Remove', customExclusionColumnEntries: ['Lyon'] });
    equal(await verdict('lyon'), [true], 'N16 until the value is taken off the list');
    const used = await refused(outbound.deleteOutboundDnclist(custom.id), 409, 'entity.in.use', /in use/, 'N16 a list in use');
    equal(used.errors.map((one) => one.id), [campaign.id], 'N16 and the campaign is named');
    const paid = await outbound.postOutboundDnclists({ name: 'Service', dncSourceType: 'gryphon', licenseId: 'x' });
    await refused(outbound.postOutboundCampaigns({ ...base, name: 'b', dncLists: [{ id: paid.id }] }), 400, 'invalid.value',
                  /^dncLists\[0\]: is of type gryphon, a paid service/, 'N16 a paid service in a campaign');
    const other = await outbound.postOutboundDnclists({ name: 'Autre', dncSourceType: 'rds_custom', customExclusionColumn: 'Pays' });
    await refused(outbound.postOutboundCampaigns({ ...base, name: 'c', dncLists: [{ id: other.id }] }), 400, 'invalid.value',
                  /^dncLists\[0\]: excludes the column "Pays"/, 'N16 a column that the list lacks');
    equal((await fetch(`${world.server.base}/api/v2/outbound/dnclists/${custom.id}/export`)).status, 401, 'N16 not for strangers');
    await outbound.postOutboundCampaignStop(campaign.id);
    await until('the campaign stops', async () => (await outbound.getOutboundCampaign(campaign.id)).campaignStatus === 'off');
    await outbound.deleteOutboundCampaign(campaign.id);
    await outbound.deleteOutboundContactlist(list.id);
    await outbound.deleteOutboundCallabletimeset(closed.id);
    await world.call('DELETE', `/api/cadran/v1/trunks/${trunk.id}`);
    for (const one of [custom, paid, other])
        await outbound.deleteOutboundDnclist(one.id);
}

export async function exclusions(world) {
    await types(world);
    await entries(world);
    await gate(world);
}
