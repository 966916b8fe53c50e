/* Agents with registered phones take the calls of a progressive campaign and wrap them up. */
import { Listener } from './listener.mjs';
import { Person, carrier, check, equal, refused, until } from './world.mjs';

const AGENTS = 3;
const PEOPLE = 24;
const PASSWORD = 'phones of this test';
const PROFILE = `[public]
person=0.7
machine=0
busy=0.3
unknown=0
congestion=0
rejected=0
fax=0
[times]
ring_s=0.3
talk_s=0.8
`;

function number(i) {
    return `+331440${String(20000 + i)}`;
}

async function agent_make(world, n) {
    const phone = await world.post('/api/cadran/v1/phones', {
        name: `Poste ${n}`, user: `agent${n}`, password: PASSWORD });
    const user = await world.users.postUsers({
        name: `Agent ${n}`, email: `agent${n}@example.com`, divisionId: 'any', password: `password of ${n}` });
    const more = await world.get(`/api/cadran/v1/users/${user.id}`);
    await world.put(`/api/cadran/v1/users/${user.id}`, { ...more, phone: { id: phone.id } });
    const person = new Person(world.server);
    equal((await person.logIn(`agent${n}@example.com`, `password of ${n}`)).id, user.id, 'an agent signs in');
    person.user = user;
    person.phone = phone;
    return person;
}

async function set_up(world, network) {
    const { outbound, routing } = world;
    const codes = {};
    for (const name of ['Vente', 'Refus'])
        codes[name] = await routing.postRoutingWrapupcodes({ name });
    const mapping = await outbound.getOutboundWrapupcodemappings();
    await outbound.putOutboundWrapupcodemappings({ ...mapping, mapping: { ...mapping.mapping, [codes.Refus.id]: ['CONTACT_UNCALLABLE'] } });
    const queue = await routing.postRoutingQueues({ name: 'Plateau', acwSettings: { wrapupPrompt: 'MANDATORY' } });
    await routing.postRoutingQueueWrapupcodes(queue.id, Object.values(codes).map(({ id }) => ({ id })));
    const agents = [];
    for (let n = 1; n <= AGENTS; n++)
        agents.push(await agent_make(world, n));
    await routing.postRoutingQueueMembers(queue.id, agents.map(({ user }) => ({ id: user.id })));
    const trunk = await world.post('/api/cadran/v1/trunks', { name: 'Plateau', host: '127.0.0.1', port: network.port });
    const list = await outbound.postOutboundContactlists({
        name: 'Clients', columnNames: ['Nom', 'Tel'], phoneColumns: [{ columnName: 'Tel', type: 'Home' }] });
    await outbound.postOutboundContactlistContacts(list.id, Array.from({ length: PEOPLE }, (_, i) => (
        { id: `k${i}`, data: { Nom: `Client ${i}`, Tel: number(i) } })));
    const body = {
        name: 'Progressif', dialingMode: 'progressive', contactList: { id: list.id }, queue: { id: queue.id },
        site: { id: trunk.id }, phoneColumns: [{ columnName: 'Tel' }], callerName: 'Cadran',
        callerAddress: '+33123456789', callableTimeSet: { id: world.times.id } };
    await refused(outbound.postOutboundCampaigns({ ...body, queue: undefined }), 400, 'invalid.value',
                  /^queue: required/, 'agents without a queue');
    return { agents, codes, list, campaign: await outbound.postOutboundCampaigns(body) };
}

async function wait_state(agent, ...states) {
    return until(`the agent is ${states}`, async () => {
        const state = await agent.ask('GET', '/api/cadran/v1/agents/me');
        return states.includes(state.state) && state;
    }, 30000);
}

async function log_in(world, { agents, campaign }) {
    const me = '/api/cadran/v1/agents/me';
    for (const agent of agents) {
        equal((await agent.ask('GET', '/api/v2/users/me')).email, agent.user.email, 'users/me is the agent');
        await refused(agent.ask('POST', `${me}/ready`, {}), 409, 'conflict', /logged out/, 'ready without logging in');
        await until('the phone registers', async () => (await agent.ask('GET', me)).isPhoneRegistered);
        equal((await agent.ask('POST', `${me}/login`, {})).state, 'not_ready', 'an agent logs in');
        await agent.ask('POST', `${me}/join`, { campaignId: campaign.id });
        await until('the phone is connected', async () => (await agent.ask('GET', me)).isConnected);
    }
    const other = agents[1].user.id;
    await refused(agents[0].ask('POST', `/api/cadran/v1/agents/${other}/logout`, {}), 403, 'not.authorized',
                  /themselves/, 'one agent for another');
    await refused(agents[0].ask('POST', `/api/v2/outbound/campaigns/${campaign.id}/start`), 403,
                  'missing.permissions', /role/, 'an agent who would start a campaign');
    await refused(world.users.getUsersMe(), 400, 'bad.request', /person/, 'users/me of a program');
}

/* What a campaign stands on, and who could take its calls. */
async function diagnosed(world, floor) {
    const { outbound } = world;
    const { campaign } = floor;
    const at = await outbound.getOutboundCampaignDiagnostics(campaign.id);
    const queue = at.queueUtilizationDiagnostic;
    equal([queue.queue.id, queue.usersInQueue, queue.activeUsersInQueue, queue.usersOnQueue, queue.usersOnACampaignCall],
          [campaign.queue.id, AGENTS, AGENTS, 0, 0], 'N07 diagnostics tell who is in the queue, and who is on it');
    equal([at.callableContacts.callableTimeSet.id, at.totalNumberOfContacts, at.numberOfContactsCalled, at.filteredOutContactsCount],
          [world.times.id, PEOPLE, 0, 0], 'N07 and what the campaign stands on');
    equal(at.cadran.notYetEffective, [], 'N07 all of its settings have an effect');
    const now = await outbound.getOutboundCampaign(campaign.id);
    const sorted = await outbound.putOutboundCampaign(campaign.id, { ...now, contactSorts: [{ fieldName: 'Nom' }], ruleSets: [{ id: campaign.id }],
                                                                     dynamicLineBalancingSettings: { enabled: true, relativeWeight: 50 } });
    equal((await outbound.getOutboundCampaignDiagnostics(campaign.id)).cadran.notYetEffective,
          ['contactSorts', 'ruleSets', 'dynamicLineBalancingSettings'], 'N07 a setting that has none yet is named');
    await outbound.putOutboundCampaign(campaign.id, { ...sorted, contactSorts: [], ruleSets: [], dynamicLineBalancingSettings: null });
    equal((await outbound.getOutboundCampaignDiagnostics(campaign.id)).cadran.notYetEffective, [], 'N07 until it is taken back');
    const views = await outbound.getOutboundCampaignsDivisionviews({ name: campaign.name });
    equal(views.entities.map((one) => [one.id, one.name, Object.keys(one).sort()]),
          [[campaign.id, campaign.name, ['division', 'id', 'name', 'selfUri']]], 'N08 everybody may see that a campaign is there, and no more');
    equal((await outbound.getOutboundCampaignsDivisionview(campaign.id)).name, campaign.name, 'N08 one by one, too');
    const all = await outbound.getOutboundCampaignsAll({ name: campaign.name });
    equal(all.entities.map((one) => [one.id, one.mediaType]), [[campaign.id, 'voice']], 'N08 among campaigns of every medium');
    equal((await outbound.getOutboundCampaignsAllDivisionviews({ name: campaign.name })).entities.length, 1, 'N08 for everybody');
    const none = await outbound.getOutboundCampaignInteractions(campaign.id);
    equal([none.campaign.id, none.pendingInteractions, none.proceedingInteractions, none.interactingInteractions],
          [campaign.id, [], [], []], 'N07 no call is under way');
    const lines = await outbound.postOutboundCampaignsPerformanceQuery([campaign.id, world.times.id]);
    equal(lines.entities.map((one) => [one.campaign.id, one.campaignStatus, one.dialingMode, one.progress.totalNumberOfContacts, one.contactRate.attempts]),
          [[campaign.id, 'off', 'progressive', PEOPLE, 0]], 'N07 a line of a dashboard; what is no campaign has none');
    for (const get of ['getOutboundCampaignDiagnostics', 'getOutboundCampaignInteractions'])
        await refused(outbound[get](world.times.id), 404, 'not.found', /no such campaign/, 'N07 of a campaign that never was');
}

/* A call that an agent has is told of, with whom it is. */
async function interacting(world, floor, agent, call) {
    const at = await world.outbound.getOutboundCampaignInteractions(floor.campaign.id);
    const [own] = at.interactingInteractions.filter((one) => one.id === call);
    check(own, 'N07 a call that was answered is among the interactions', at);
    equal([own.agent.id, own.queue.id, own.callerName, own.dialingMode, /^\+33/.test(own.destinationAddress), Boolean(own.callRoutedTime)],
          [agent.user.id, floor.campaign.queue.id, 'Cadran', 'progressive', true, true], 'N07 with its agent and its number');
}

/* Takes calls until the campaign is over; what they said of each call. */
async function work(world, floor, agent, isTold) {
    const me = '/api/cadran/v1/agents/me';
    const said = [];
    for (;;) {
        const state = await until('a call, or the end', async () => {
            const now = await agent.ask('GET', me);
            const campaign = await world.outbound.getOutboundCampaign(floor.campaign.id);
            return (now.state === 'wrapup' && now) ||
                   (campaign.campaignStatus === 'complete' && now.state === 'ready' && 'over');
        }, 90000);
        if (state === 'over')
            return said;
        /* A state that lasts less than a notice's period may be replaced by the next one. */
        if (!said.length)
            await until('the wrap-up is pushed', isTold, 10000);
        if (!said.length)
            await interacting(world, floor, agent, state.callId);
        const name = said.length % 2 ? 'Vente' : 'Refus';
        const call = state.callId;
        await refused(agent.ask('POST', `/api/cadran/v1/calls/${call}/wrapup`, { code: floor.campaign.id }), 400,
                      'invalid.value', /^code: there is no such wrap-up code/, 'a code that is none');
        await agent.ask('POST', `/api/cadran/v1/calls/${call}/wrapup`, { code: floor.codes[name].id, notes: 'réglé' });
        said.push({ call, code: floor.codes[name].id });
        await wait_state(agent, 'ready', 'reserved', 'on_call', 'wrapup');
    }
}

async function account(world, floor, said, network) {
    const { outbound } = world;
    const { entities } = await world.get(`/api/cadran/v1/campaigns/${floor.campaign.id}/attempts?pageSize=100`);
    equal(network.called().map((one) => `+${one.replace(/^\+/, '')}`).sort(), entities.map((one) => one.number).sort(),
          'the carrier saw exactly the attempts');
    equal(entities.length, PEOPLE, 'everybody was called once');
    const talked = entities.filter((one) => one.outcome === 'person');
    check(talked.length >= AGENTS && talked.length < PEOPLE, 'some answered, some did not', talked.length);
    equal(talked.map((one) => [one.id, one.agentId, one.wrapupCodeId]).sort(),
          said.flatMap(({ agent, calls }) => calls.map(({ call, code }) => [call, agent.user.id, code])).sort(),
          'each conversation has its agent, and the code that the agent gave');
    for (const one of talked) {
        const contact = await outbound.getOutboundContactlistContact(floor.list.id, one.contactId);
        equal(contact.callable, one.wrapupCodeId !== floor.codes.Refus.id, 'and the code does what it means');
    }
    for (const [name, code] of Object.entries(floor.codes)) {
        const found = await outbound.postOutboundContactlistContactsSearch(floor.list.id, {
            pageNumber: 1, pageSize: 100, expression: `Disposition = "${name.toUpperCase()}" AND LastResult = "person"` });
        equal(found.entities.map(({ id }) => id).sort(),
              talked.filter((one) => one.wrapupCodeId === code.id).map((one) => `k${Number(one.number.slice(-5)) - 20000}`).sort(),
              'C33: contacts are found by the code that the agent gave');
    }
    const none = await outbound.postOutboundContactlistContactsSearch(floor.list.id, {
        pageNumber: 1, pageSize: 100, expression: 'Disposition = ""' });
    equal(none.total, PEOPLE - talked.length, 'C33: and those who were given none');
    check(said.every(({ calls }) => calls.length > 0), 'every agent had calls', said.map(({ calls }) => calls.length));
}

export async function progressive(world) {
    const network = await carrier(world.program, world.folder, 'floor', PROFILE, [
        '--registrar', world.server.sip, '--phones', String(AGENTS), '--phone-user', 'agent',
        '--phone-password', PASSWORD]);
    const floor = await set_up(world, network);
    await log_in(world, floor);
    await diagnosed(world, floor);
    const [first] = floor.agents;
    const topics = [`v2.users.${first.user.id}.agent`, `v2.users.${first.user.id}.calls`];
    const listener = new Listener(world);
    await listener.open(topics);
    await world.outbound.postOutboundCampaignStart(floor.campaign.id);
    for (const agent of floor.agents)
        check(['ready', 'reserved'].includes((await agent.ask('POST', '/api/cadran/v1/agents/me/ready', {})).state),
              'an agent is ready');
    const is_told = () => listener.of(topics[0]).some((one) => one.state === 'wrapup' && one.callId);
    const said = await Promise.all(floor.agents.map(async (agent) => (
        { agent, calls: await work(world, floor, agent, agent === first ? is_told : () => true) })));
    await account(world, floor, said, network);
    const states = await until('the agent sees the end', () => {
        const all = listener.of(topics[0]).map((one) => one.state);
        return all.at(-1) === 'ready' && all;
    }, 5000);
    check(['on_call', 'wrapup'].every((one) => states.includes(one)), 'an agent is told their states', states);
    const calls = new Set(listener.of(topics[1]).map((one) => one.id));
    check(said[0].calls.every(({ call }) => calls.has(call)), 'and every call', [...calls]);
    listener.close();
    for (const agent of floor.agents)
        equal((await agent.ask('POST', '/api/cadran/v1/agents/me/logout', {})).state, 'logged_out', 'an agent logs out');
    await network.stop();
}
