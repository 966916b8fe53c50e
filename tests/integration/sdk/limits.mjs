/* Attempt limits and callable time sets (N17, N18): every limit and refusal; retention
 * of lists; imports that reach a running campaign; the command line's export. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

import { exported, job_ended, uploaded } from './lists.mjs';
import { check, equal, refused, until } from './world.mjs';

async function attempt_limits(world) {
    const { outbound } = world;
    const recallEntries = { busy: { nbrAttempts: 3, minutesBetweenAttempts: 5 }, noAnswer: { nbrAttempts: 1, minutesBetweenAttempts: 480 },
                            answeringMachine: { nbrAttempts: 2, minutesBetweenAttempts: 60 }, fax: { nbrAttempts: 1, minutesBetweenAttempts: 30 } };
    const made = await outbound.postOutboundAttemptlimits({ name: 'Tout', maxAttemptsPerContact: 100, maxAttemptsPerNumber: 100,
                                                            resetPeriod: 'TODAY', timeZoneId: 'Europe/Paris', recallEntries });
    equal([made.maxAttemptsPerContact, made.maxAttemptsPerNumber, made.resetPeriod, made.timeZoneId, made.recallEntries],
          [100, 100, 'TODAY', 'Europe/Paris', recallEntries], 'N17 attempt limits keep every field');
    const bare = await outbound.postOutboundAttemptlimits({ name: 'Nu', maxAttemptsPerNumber: 1 });
    equal(bare.resetPeriod, 'NEVER', 'N17 the reset period is NEVER by default');
    for (const resetPeriod of ['DAYS_2', 'DAYS_30', 'NEVER'])
        equal((await outbound.putOutboundAttemptlimit(bare.id, { ...await outbound.getOutboundAttemptlimit(bare.id), resetPeriod })).resetPeriod,
              resetPeriod, `N17 ${resetPeriod}`);
    await refused(outbound.putOutboundAttemptlimit(bare.id, { ...bare, name: 'vieux' }), 409, 'version.conflict', /somebody else/, 'N17 a stale version');
    const base = { name: 'faux', maxAttemptsPerContact: 3 };
    const recall = (entry) => ({ recallEntries: { busy: { nbrAttempts: 1, minutesBetweenAttempts: 5, ...entry } } });
    const wrong = [
        [{ maxAttemptsPerContact: undefined }, /^maxAttemptsPerContact: one of/],
        [{ maxAttemptsPerContact: 0 }, /^maxAttemptsPerContact: must be from 1 to 100/],
        [{ maxAttemptsPerNumber: 101 }, /^maxAttemptsPerNumber: must be from 1 to 100/],
        [{ maxAttemptsPerNumber: 1.5 }, /^maxAttemptsPerNumber: must be a whole number/],
        [{ resetPeriod: 'TODAY' }, /^timeZoneId: required when resetPeriod is TODAY/],
        [{ resetPeriod: 'TODAY', timeZoneId: 'Moon/Sea' }, /^timeZoneId: is not a time zone/],
        [{ resetPeriod: 'DAYS_1' }, /^resetPeriod: must be NEVER, TODAY, or DAYS_2 to DAYS_30/],
        [{ resetPeriod: 'DAYS_31' }, /^resetPeriod: must be/],
        [recall({ nbrAttempts: 3 }), /^recallEntries\.busy\.nbrAttempts: must be less than maxAttemptsPerContact/],
        [recall({ nbrAttempts: 0 }), /^recallEntries\.busy\.nbrAttempts: must be from 1 to 100/],
        [recall({ minutesBetweenAttempts: 4 }), /^recallEntries\.busy\.minutesBetweenAttempts: must be from 5 to 480/],
        [recall({ minutesBetweenAttempts: 481 }), /^recallEntries\.busy\.minutesBetweenAttempts: must be from 5 to 480/],
        [{ name: '' }, /^name: /],
    ];
    for (const [part, words] of wrong)
        await refused(outbound.postOutboundAttemptlimits({ ...base, ...part }), 400, 'invalid.value', words, 'N17 wrong attempt limits');
    await outbound.deleteOutboundAttemptlimit(made.id);
    await outbound.deleteOutboundAttemptlimit(bare.id);
}

async function time_sets(world) {
    const { outbound } = world;
    const slot = { day: 1, startTime: '09:00:00', stopTime: '17:00:00' };
    const zone = (timeSlots, timeZoneId = 'Europe/Paris') => ({ callableTimes: [{ timeZoneId, timeSlots }] });
    const made = await outbound.postOutboundCallabletimesets({ name: 'Semaine', callableTimes: [
        { timeZoneId: 'Europe/Paris', timeSlots: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ ...slot, day })) },
        { timeZoneId: 'Indian/Reunion', timeSlots: [slot, { day: 1, startTime: '18:00:00', stopTime: '20:00:00' }] }] });
    equal([made.callableTimes.length, made.callableTimes[1].timeSlots[1]], [2, { day: 1, startTime: '18:00:00', stopTime: '20:00:00' }],
          'N18 a callable time set keeps every slot');
    const put = await outbound.putOutboundCallabletimeset(made.id, { ...made, ...zone([slot]) });
    equal([put.version, put.callableTimes.length], [2, 1], 'N18 and is replaced');
    await refused(outbound.putOutboundCallabletimeset(made.id, made), 409, 'version.conflict', /somebody else/, 'N18 a stale version');
    const wrong = [
        [{}, /^callableTimes: required/], [{ callableTimes: [] }, /^callableTimes: required/],
        [zone([]), /^callableTimes\[0\]\.timeSlots: required/], [zone([slot], 'Europe/Nowhere'), /^callableTimes\[0\]\.timeZoneId: is not a time zone/],
        [zone([{ ...slot, day: 0 }]), /^callableTimes\[0\]\.timeSlots\[0\]\.day: must be from 1 to 7/],
        [zone([{ ...slot, day: 8 }]), /day: must be from 1 to 7/],
        [zone([{ ...slot, startTime: '9h' }]), /^callableTimes\[0\]\.timeSlots\[0\]\.startTime: must be HH:mm:ss/],
        [zone([{ ...slot, stopTime: '08:00:00' }]), /stopTime: must be HH:mm:ss, and the stop after the start/],
        [zone([{ ...slot, stopTime: '24:00:01' }]), /stopTime: must be HH:mm:ss/],
        [{ callableTimes: [...zone([slot]).callableTimes, ...zone([slot]).callableTimes] }, /^callableTimes\[1\]\.timeZoneId: is there twice/],
    ];
    for (const [part, words] of wrong)
        await refused(outbound.postOutboundCallabletimesets({ name: 'faux', ...part }), 400, 'invalid.value', words, 'N18 a wrong time set');
    await outbound.deleteOutboundCallabletimeset(made.id);
}

async function retention(world) {
    const { outbound } = world;
    const body = { columnNames: ['Nom', 'Fixe'], phoneColumns: [{ columnName: 'Fixe', type: 'Home' }] };
    const list = await outbound.postOutboundContactlists({ name: 'Gardée un mois', ...body, retentionType: 'RetentionDays', retentionDays: 30 });
    equal(Date.parse(list.dateExpiration) - Date.parse(list.dateCreated), 30 * 86400000, 'N11 dateExpiration follows retentionDays');
    const today = await outbound.postOutboundContactlists({ name: 'Du jour', ...body, retentionType: 'Today', timeZone: 'Europe/Paris' });
    const left = Date.parse(today.dateExpiration) - Date.parse(today.dateCreated);
    const clock = new Date(today.dateExpiration).toLocaleTimeString('fr-FR', { timeZone: 'Europe/Paris' });
    check(left > 0 && left <= 25 * 3600000 && clock === '00:00:00', 'N11 Today ends at midnight in its zone', today);
    check(!('dateExpiration' in await outbound.postOutboundContactlists({ name: 'Toujours', ...body })), 'N11 a list is kept by default');
    for (const one of (await outbound.getOutboundContactlists({ name: 'Toujours' })).entities)
        await outbound.deleteOutboundContactlist(one.id);
    const text = 'Nom,Fixe,Garde,Jours\nA,0142000001,RetentionDays,5\nB,0142000002,Today,\nC,0142000003,,\n';
    await uploaded(world, today, text, { retentionTypeColumn: 'Garde', retentionDaysColumn: 'Jours' });
    const kept = await outbound.postOutboundContactlistContactsSearch(today.id, { pageNumber: 1, pageSize: 10 });
    const ends = kept.entities.map((one) => one.dateExpiration);
    check(Math.abs(Date.parse(ends[0]) - Date.now() - 5 * 86400000) < 60000, 'N11 an upload says how long each contact is kept', ends);
    equal(ends.slice(1), [today.dateExpiration, undefined], 'N11 until the end of the day of its list, or for ever');
    await outbound.deleteOutboundContactlists([list.id, today.id]);
}

/* Contacts by time zone. */
async function mapping(world) {
    const { outbound } = world;
    const list = await outbound.postOutboundContactlists({ name: 'Fuseaux', columnNames: ['A', 'B'], automaticTimeZoneMapping: true,
                                                           phoneColumns: [{ columnName: 'A', type: 'Home' }, { columnName: 'B', type: 'Cell' }] });
    const numbers = [['+33142000001', ''], ['+33142000002', '+33612345678'], ['+590590200001', ''], ['+33142000003', '+590690123456'],
                     ['', ''], ['abc', '']];
    await outbound.postOutboundContactlistContacts(list.id, numbers.map(([A, B]) => ({ contactListId: list.id, data: { A, B } })));
    const preview = await outbound.getOutboundContactlistTimezonemappingpreview(list.id);
    equal(preview, { contactList: preview.contactList, contactsPerTimeZone: { 'Europe/Paris': 2, 'America/Guadeloupe': 1 },
                     contactsMappedUsingZipCode: {}, contactsMappedToASingleZone: 3, contactsMappedToASingleZoneUsingZipCode: 0,
                     contactsMappedToMultipleZones: 1, contactsMappedToMultipleZonesUsingZipCode: 0, contactsInDefaultWindow: 2,
                     contactListSize: 6 }, 'N11 contacts by time zone');
    equal(preview.contactList.id, list.id, 'N11 of that list');
    const zipped = await outbound.postOutboundContactlists({ name: 'Codes postaux', columnNames: ['A', 'Zip'], automaticTimeZoneMapping: true,
                                                             zipCodeColumnName: 'Zip', phoneColumns: [{ columnName: 'A', type: 'Home' }] });
    const added = await outbound.postOutboundContactlistContacts(zipped.id, [['+12125550123', '90210'], ['+12125550124', '10001'],
        ['+12125550125', ''], ['+12125550126', 'Paris']].map(([A, Zip]) => ({ contactListId: zipped.id, data: { A, Zip } })));
    await uploaded(world, zipped, 'A,Zip\n+13105550127,90210\n+13105550128,"10001-0001"\n');
    const both = await outbound.getOutboundContactlistTimezonemappingpreview(zipped.id);
    equal({ ...both, contactList: null }, {
        contactList: null, contactsPerTimeZone: { 'America/New_York': 3, 'America/Los_Angeles': 1 },
        contactsMappedUsingZipCode: { 'America/New_York': 1, 'America/Los_Angeles': 1 }, contactsMappedToASingleZone: 4,
        contactsMappedToASingleZoneUsingZipCode: 2, contactsMappedToMultipleZones: 2, contactsMappedToMultipleZonesUsingZipCode: 2,
        contactsInDefaultWindow: 0, contactListSize: 6 }, 'N11 contacts by time zone, ZIP codes with them');
    equal(added[0].contactColumnTimeZones, { Zip: { timeZone: 'America/Los_Angeles', columnType: 'ZIP' } },
          'N11 a contact says where its ZIP code lies; its number lies elsewhere: both must be open');
    equal(added[1].contactColumnTimeZones, { A: { timeZone: 'America/New_York', columnType: 'PHONE' },
                                             Zip: { timeZone: 'America/New_York', columnType: 'ZIP' } }, 'N11 where both agree, both say so');
    const rows = (await exported(world, zipped)).split('\r\n');
    const at = rows[0].split(',').indexOf('ZipCodeAutomaticTimeZone');
    equal(rows.slice(1, 4).map((row) => [row.split(',')[at], row.split(',').at(-1)]),
          [['America/Los_Angeles', 'America/Los_Angeles America/New_York'], ['America/New_York', 'America/New_York'], ['', 'America/New_York']],
          'N11 an export says it too');
    const moved = await outbound.putOutboundContactlistContact(zipped.id, added[0].id, { ...added[0], data: { A: '+12125550123', Zip: '10001' } });
    equal(moved.contactColumnTimeZones.A, { timeZone: 'America/New_York', columnType: 'PHONE' }, 'N11 who moved is asked at the new place');
    const begun = await outbound.postOutboundContactlistContactsBulkUpdate(zipped.id, {
        contactIds: [added[1].id, added[2].id], contact: { contactListId: zipped.id, data: { Zip: '90210' } } });
    await job_ended(world, zipped, begun.id);
    equal((await outbound.getOutboundContactlistTimezonemappingpreview(zipped.id)).contactsMappedToMultipleZones, 3,
          'N11 who moved by a bulk edit, too: three may be called only when both places are open');
    const plain = await outbound.postOutboundContactlists({ name: 'Sans', columnNames: ['A'], phoneColumns: [] });
    await refused(outbound.getOutboundContactlistTimezonemappingpreview(plain.id), 400, 'invalid.value', /^automaticTimeZoneMapping/,
                  'N11 a list that is not mapped');
    await outbound.deleteOutboundContactlists([list.id, zipped.id, plain.id]);
}

/* New contacts reach a running campaign within a second. */
async function reach(world) {
    const { outbound, get, post, call } = world;
    const list = await outbound.postOutboundContactlists({ name: 'En route', columnNames: ['Fixe'], automaticTimeZoneMapping: true,
                                                           phoneColumns: [{ columnName: 'Fixe', type: 'Home' }] });
    const day = (new Date().getUTCDay() + 3) % 7 + 1;
    const closed = await outbound.postOutboundCallabletimesets({ name: 'Jamais', callableTimes: [
        { timeZoneId: 'Europe/Paris', timeSlots: [{ day, startTime: '10:00:00', stopTime: '10:01:00' }] }] });
    const trunk = await post('/api/cadran/v1/trunks', { name: 'Muet', host: '127.0.0.1', port: 9 });
    const campaign = await outbound.postOutboundCampaigns({
        name: 'Longue', contactList: { id: list.id }, dialingMode: 'agentless', outboundLineCount: 1, alwaysRunning: true, site: { id: trunk.id },
        phoneColumns: [{ columnName: 'Fixe' }], callerName: 'C', callerAddress: '+33123456789', callableTimeSet: { id: closed.id } });
    await outbound.postOutboundCampaignStart(campaign.id);
    const rows = Array.from({ length: 20000 }, (_, i) => `+3314${2100000 + i}`).join('\n');
    const status = await uploaded(world, list, `Fixe\n${rows}\n`);
    const at = Date.now();
    equal([status.state, status.completedRecords], ['COMPLETE', 20000], 'N13 a file is imported under a running campaign');
    await until('every new contact is queued', async () => (await get(`/api/cadran/v1/campaigns/${campaign.id}/live`)).queue.queued === 20000);
    check(Date.now() - at < 1000, 'N13 new contacts reach a running campaign within a second', Date.now() - at);
    await outbound.postOutboundCampaignStop(campaign.id);
    await until('the campaign stops', async () => (await outbound.getOutboundCampaign(campaign.id)).campaignStatus === 'off');
    await refused(outbound.deleteOutboundContactlist(list.id), 409, 'entity.in.use', /in use/, 'N11 a list that a campaign uses');
    await outbound.deleteOutboundCampaign(campaign.id);

    const file = `${world.folder}/export.csv`;
    const said = execFileSync(world.program, ['export', file, '--list', 'En route', '--data', `${world.folder}/data`], { encoding: 'utf8' });
    check(/^20000 entries of En route exported into /.test(said), 'N11 cadran export says what it did', said);
    equal(fs.readFileSync(file, 'utf8'), await exported(world, list), 'N11 and writes the same file');
    await outbound.deleteOutboundContactlist(list.id);
    await outbound.deleteOutboundCallabletimeset(closed.id);
    await call('DELETE', `/api/cadran/v1/trunks/${trunk.id}`);
}

export async function limits(world) {
    await attempt_limits(world);
    await time_sets(world);
    await retention(world);
    await mapping(world);
    await reach(world);
}
