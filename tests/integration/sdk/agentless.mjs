/* A campaign without agents, from its making to its end, seen over the notification channel. */
import { Listener } from './listener.mjs';
import { check, carrier, equal, pause, refused, until } from './world.mjs';

const PROFILE = `[public]
person=0.4
machine=0
busy=0.3
unknown=0.2
congestion=0
rejected=0.1
fax=0
[times]
ring_s=0.3
talk_s=0.4
`;

function topic(campaign, suffix = '') {
    return `v2.outbound.campaigns.${campaign.id}${suffix}`;
}

async function attempts_of(world, campaign) {
    const all = [];
    let after = '';
    for (;;) {
        const page = await world.get(`/api/cadran/v1/campaigns/${campaign.id}/attempts?pageSize=100${after}`);
        all.push(...page.entities);
        if (page.entities.length < 100)
            return all;
        after = `&after=${page.entities.at(-1).id}`;
    }
}

function ended(world, campaign, status) {
    return until(`the campaign is ${status}`, async () => {
        const read = await world.outbound.getOutboundCampaign(campaign.id);
        return read.campaignStatus === status && read;
    }, 120000);
}

async function create(world) {
    const { outbound, list, dnc, times } = world;
    const body = {
        name: 'Automatique', dialingMode: 'agentless', contactList: { id: list.id },
        site: { id: world.trunk.id }, dncLists: [{ id: dnc.id }], callableTimeSet: { id: times.id },
        phoneColumns: [{ columnName: 'Fixe' }, { columnName: 'Mobile' }], callerName: 'Cadran',
        callerAddress: '+33123456789', outboundLineCount: 2, noAnswerTimeout: 8 };
    const made = await outbound.postOutboundCampaigns(body);
    equal([made.campaignStatus, made.version, made.contactList.name, made.priority], ['off', 1, 'Prospects', 3],
          'a campaign is made, and is off');
    await refused(outbound.postOutboundCampaigns({ ...body, name: 'other', phoneColumns: [{ columnName: 'Nom' }] }),
                  400, 'invalid.value', /^phoneColumns\[0\]\.columnName: /, 'a campaign over a column without numbers');
    await refused(outbound.postOutboundCampaigns(body), 409, 'conflict', /already a campaign/, 'a second one of that name');
    const put = await outbound.putOutboundCampaign(made.id, { ...made, noAnswerTimeout: 5 });
    equal([put.version, put.noAnswerTimeout], [2, 5], 'a campaign is replaced');
    await refused(outbound.putOutboundCampaign(made.id, { ...made, name: 'late' }), 409, 'version.conflict',
                  /somebody else/, 'a stale campaign');
    await outbound.patchOutboundCampaign(made.id, { outboundLineCount: 60, name: 'not by PATCH' });
    const read = await outbound.getOutboundCampaign(made.id);
    equal([read.outboundLineCount, read.name, read.version], [60, 'Automatique', 3], 'PATCH changes what it may');
    equal((await outbound.getOutboundCampaigns({ name: 'auto' })).total +
          (await outbound.getOutboundCampaigns({ name: 'nothing' })).total, 1, 'campaigns are found by name');
    await refused(outbound.deleteOutboundContactlist(list.id), 409, 'entity.in.use', /contact list is in use/,
                  'a list that a campaign calls');
    const used = await refused(outbound.deleteOutboundDnclist(dnc.id), 409, 'entity.in.use', /in use/, 'its DNC list');
    equal(used.errors.map((one) => one.id), [made.id], 'and the campaign is named');
    return read;
}

async function run(world, campaign, network) {
    const { outbound } = world;
    const listener = new Listener(world);
    await listener.open([topic(campaign), topic(campaign, '.progress'), topic(campaign, '.stats')]);
    equal(await outbound.getOutboundCampaignProgress(campaign.id).then((one) => one.numberOfContactsCalled), 0,
          'nobody was called yet');
    await outbound.postOutboundCampaignStart(campaign.id);
    equal((await outbound.getOutboundCampaign(campaign.id)).campaignStatus, 'on', 'a campaign starts');
    await refused(outbound.deleteOutboundCampaign(campaign.id), 409, 'campaign.in.use', /running/, 'a running campaign');
    const stats = await until('calls are seen', async () => {
        const now = await outbound.getOutboundCampaignStats(campaign.id);
        return now.contactRate.attempts > 50 && now.contactRate.connects > 5 && now;
    });
    check(stats.contactRate.connectRatio > 0 && stats.contactRate.connectRatio < 1, 'with their ratio', stats);
    await outbound.postOutboundCampaignStop(campaign.id);
    await ended(world, campaign, 'off');
    const called = network.called().length;
    const { numberOfContactsCalled } = await outbound.getOutboundCampaignProgress(campaign.id);
    await pause(700);
    equal(network.called().length, called, 'stopped, it calls nobody');
    check(numberOfContactsCalled < 1000, 'it was stopped on its way', numberOfContactsCalled);
    await outbound.postOutboundCampaignStart(campaign.id);
    await ended(world, campaign, 'complete');
    return listener;
}

/* What the carrier saw against what the API tells: neither knows the other. */
async function account(world, campaign, network, listener) {
    const { outbound, neverCall } = world;
    const called = network.called().map((one) => `+${one.replace(/^\+/, '')}`);
    const attempts = await attempts_of(world, campaign);
    equal(attempts.map((one) => one.number).sort(), [...called].sort(), 'the carrier saw exactly the attempts');
    equal(called.filter((one) => neverCall.has(one)), [], 'nobody of the do-not-contact list was called');
    equal(new Set(called).size, called.length, 'and nobody twice');
    const contacts = new Set(attempts.map((one) => one.contactId));
    const progress = await outbound.getOutboundCampaignProgress(campaign.id);
    equal([progress.totalNumberOfContacts, progress.numberOfContactsCalled, contacts.size, progress.percentage],
          [1000, 900, 900, 100], 'all contacts but those of the list were called');
    equal(Object.values(progress.numberOfContactsSkipped).reduce((sum, one) => sum + one, 0), 100,
          'who was not called is counted');
    equal((await outbound.postOutboundCampaignsProgress([campaign.id])).map((one) => one.numberOfContactsCalled), [900],
          'progress is asked for several');
    const answered = attempts.filter((one) => one.outcome === 'person').length;
    const stats = await outbound.getOutboundCampaignStats(campaign.id);
    equal([stats.contactRate.attempts, stats.contactRate.connects], [attempts.length, answered], 'the figures are theirs');

    const pushed = listener.of(topic(campaign, '.stats'));
    equal(pushed.at(-1).contactRate, stats.contactRate, 'the last figures that were pushed are those');
    const steps = await until('the last progress is pushed', () => {
        const all = listener.of(topic(campaign, '.progress'));
        return all.at(-1)?.percentage === 100 && all;
    }, 5000);
    check(steps.length > 2 && steps.some((one) => one.numberOfContactsCalled > 0 && one.percentage < 100),
          'progress was pushed on the way', steps.length);
    equal(steps.at(-1).numberOfContactsCalled, 900, 'and at the end');
    const states = await until('the end is pushed', () => {
        const all = listener.of(topic(campaign)).map((one) => one.campaignStatus);
        return all.at(-1) === 'complete' && all;
    }, 5000);
    check(['on', 'off', 'complete'].every((one) => states.includes(one)), 'so was every change of status', states);
}

async function records(world, attempts) {
    const { outbound, list, neverCall, person } = world;
    const names = { person: 'LIVE-VOICE', busy: 'BUSY', sit_uncallable: 'SIT-UNCALLABLE', rejected: 'DISCONNECT',
                    no_answer: 'NO-ANSWER' };
    const byNumber = new Map(attempts.map((one) => [one.number, one]));
    let checked = 0;
    for (let i = 0; i < 60; i++) {
        const contact = await outbound.getOutboundContactlistContact(list.id, `client-${i}`);
        for (const column of ['Fixe', 'Mobile']) {
            const attempt = byNumber.get(person(i)[column]);
            const record = contact.callRecords[column];
            equal(record?.lastResult, attempt && `ININ-OUTBOUND-${names[attempt.outcome]}`,
                  `contact ${i} remembers its last call`);
            check(!attempt || record.lastAttempt, 'and when', record);
            checked += attempt ? 1 : 0;
        }
        check(!neverCall.has(person(i).Fixe) || !contact.callRecords.Fixe, 'who must not be called has no record');
    }
    check(checked > 60, 'some were called on both numbers', checked);
}

async function again(world, campaign, network) {
    const { outbound } = world;
    const before = network.called().length;
    await outbound.postOutboundContactlistContacts(world.list.id, [
        { id: 'late', data: { ...world.person(9000), Mobile: '' } }]);
    await outbound.postOutboundCampaignStart(campaign.id);
    await until('a completed campaign starts again', () => network.called().length > before);
    await outbound.postOutboundCampaignStop(campaign.id);
    const status = await until('it is off', async () => {
        const read = await outbound.getOutboundCampaign(campaign.id);
        return ['off', 'complete'].includes(read.campaignStatus) && read.campaignStatus;
    });
    check(['off', 'complete'].includes(status), 'and stops', status);
    const counts = new Map();
    network.called().forEach((one) => counts.set(one, (counts.get(one) ?? 0) + 1));
    check([...counts.values()].every((one) => one <= 2), 'within the attempt limits', [...counts.values()].filter((one) => one > 2));
}

export async function agentless(world) {
    const network = await carrier(world.program, world.folder, 'public', PROFILE);
    world.trunk = await world.post('/api/cadran/v1/trunks', {
        name: 'Opérateur', host: '127.0.0.1', port: network.port });
    const campaign = await create(world);
    const listener = await run(world, campaign, network);
    await account(world, campaign, network, listener);
    await records(world, await attempts_of(world, campaign));
    await again(world, campaign, network);
    listener.close();
    await network.stop();
    world.campaign = campaign;
}
