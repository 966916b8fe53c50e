/* Every kind of setting: made, read, listed, replaced, refused, removed. */
import { check, equal, refused } from './world.mjs';

const NOBODY = '00000000-0000-4000-8000-000000000000';
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/* One resource by the names of its functions: postOutboundDnclists, getOutboundDnclist... */
function resource(api, one, many) {
    return {
        create: (body) => api[`post${many}`](body),
        read: (id) => api[`get${one}`](id),
        list: (options) => api[`get${many}`](options),
        put: (id, body) => api[`put${one}`](id, body),
        remove: (id) => api[`delete${one}`](id),
    };
}

function always(zone) {
    return {
        timeZoneId: zone,
        timeSlots: [1, 2, 3, 4, 5, 6, 7].map((day) => (
            { day, startTime: '00:00:00', stopTime: '24:00:00' })),
    };
}

/* What holds for all of them. `hasVersion`: queues and wrap-up codes carry none in the SDK. */
async function life(what, it, body, changes, hasVersion = true) {
    const made = await it.create(body);
    check(GUID.test(made.id), `a ${what} has a GUID`, made);
    check(made.selfUri.endsWith(made.id), `a ${what} knows its address`, made);
    equal(made.name, body.name, `a ${what} has its name`);
    const read = await it.read(made.id);
    equal(read, made, `a ${what} is read as it was made`);
    const put = await it.put(made.id, { ...read, ...changes });
    for (const [name, value] of Object.entries(changes))
        equal(put[name], value, `a ${what} is replaced: ${name}`);
    if (hasVersion) {
        equal([made.version, put.version], [1, 2], `each change of a ${what} counts its version`);
        await refused(it.put(made.id, { ...read, name: 'late' }), 409, 'version.conflict',
                      /changed by somebody else/, `a stale ${what}`);
        await refused(it.put(made.id, { ...put, version: undefined }), 400, 'invalid.value',
                      /version/, `a ${what} without its version`);
    }
    equal((await it.read(made.id)).name, put.name, `a refused change leaves the ${what} alone`);
    await refused(it.create({ ...body, name: put.name }), 409, 'conflict', /already/,
                  `a second ${what} of one name`);
    await refused(it.read(NOBODY), 404, 'not.found', /no such/, `a ${what} that never was`);
    await refused(it.remove(NOBODY), 404, 'not.found', /no such/, `removing no ${what}`);
    return put;
}

async function passing(what, it, body) {
    const { id } = await it.create(body);
    await it.remove(id);
    await refused(it.read(id), 404, 'not.found', /no such/, `a removed ${what}`);
}

async function listing(world) {
    const codes = resource(world.routing, 'RoutingWrapupcode', 'RoutingWrapupcodes');
    const names = [];
    for (let i = 0; i < 27; i++)
        names.push(`Liste é ${String(i).padStart(2, '0')}`);
    for (const name of names)
        await codes.create({ name });
    const seen = [];
    let page;
    for (let number = 1; number === 1 || page.nextUri; number++) {
        page = await codes.list({ pageSize: 10, pageNumber: number, name: 'Liste é', sortBy: 'name' });
        equal([page.pageNumber, page.pageSize, page.total, page.pageCount], [number, 10, 27, 3],
              'a page says where it is');
        seen.push(...page.entities.map((one) => one.name));
    }
    equal(seen, names, 'all pages together are the list, once each, in order');
    const back = await codes.list({ pageSize: 5, name: 'Liste é', sortBy: 'name', sortOrder: 'descending' });
    equal(back.entities.map((one) => one.name), names.slice(-5).reverse(), 'a list turns round');
    equal((await codes.list({ pageSize: 5, pageNumber: 99, name: 'Liste é' })).entities, [],
          'a page beyond the last is empty');
    equal((await codes.list({ pageSize: 1000 })).pageSize, 100, 'a page has at most a hundred');
    equal((await codes.list()).pageSize, 25, 'and 25 by default');
    for (const one of (await codes.list({ pageSize: 100, name: 'Liste é' })).entities)
        await codes.remove(one.id);
    equal((await codes.list({ name: 'Liste é' })).total, 0, 'removed, they are listed no more');
}

async function people(world) {
    const it = {
        ...resource(world.users, 'User', 'Users'),
        put: null,
    };
    const made = await it.create({ name: 'Zoé Agent', email: 'zoe@example.com', divisionId: 'any',
                                   password: 'correct horse battery' });
    check(GUID.test(made.id) && made.version === 1 && made.state === 'active' && !('password' in made),
          'a user is made, and a password is never shown', made);
    equal((await it.read(made.id)).email, 'zoe@example.com', 'a user is read');
    await refused(it.create({ name: 'Other', email: 'zoe@example.com', divisionId: 'any' }), 409,
                  'conflict', /already a user of that email/, 'a second user of one address');
    await refused(it.create({ name: 'Wrong', email: 'nowhere', divisionId: 'any' }), 400,
                  'invalid.value', /^email: /, 'a user without an address');
    equal((await it.list({ pageSize: 50 })).entities.some((one) => one.id === made.id), true,
          'a user is listed');
    return made;
}

async function wrong(world) {
    const { outbound } = world;
    const cases = [
        [() => outbound.postOutboundAttemptlimits({ name: 'none' }), /^maxAttemptsPerContact: one of/],
        [() => outbound.postOutboundAttemptlimits({ name: 'text', maxAttemptsPerContact: 'x' }),
         /^maxAttemptsPerContact: must be a number/],
        [() => outbound.postOutboundAttemptlimits({ name: 'many', maxAttemptsPerContact: 101 }),
         /^maxAttemptsPerContact: must be from 1 to 100/],
        [() => outbound.postOutboundCallabletimesets({ name: 'moon', callableTimes: [always('Moon/Sea')] }),
         /^callableTimes\[0\]\.timeZoneId: is not a time zone/],
        [() => outbound.postOutboundContactlists({ name: 'twice', columnNames: ['a', 'a'], phoneColumns: [] }),
         /^columnNames\[1\]: is there twice/],
        [() => outbound.postOutboundContactlists({ name: 'none', columnNames: ['a'],
                                             phoneColumns: [{ columnName: 'b', type: 'Home' }] }),
         /^phoneColumns\[0\]\.columnName: must be one of/],
        [() => outbound.postOutboundCampaigns({ name: 'bare' }), /: required/],
        [() => outbound.postOutboundCampaigns({ name: 'no list', contactList: { id: NOBODY } }),
         /^contactList: there is no such contact list/],
    ];
    for (const [ask, words] of cases) {
        const body = await refused(ask(), 400, 'invalid.value', words, 'a wrong setting');
        check(typeof body.messageParams.field === 'string' && body.message.startsWith(body.messageParams.field),
              'and the field is named apart', body);
    }
}

/* N21: what wrap-up codes mean, as one document. */
async function meanings(world, codes) {
    const { outbound } = world;
    const { getOutboundWrapupcodemappings: read, putOutboundWrapupcodemappings: put } = outbound;
    const get = () => read.call(outbound), set = (body) => put.call(outbound, body);
    const first = await get();
    equal([first.defaultSet, first.mapping, first.version], [[], {}, 1], 'N21 nothing means anything at first');
    const [sold, gone] = [await codes.create({ name: 'Signé' }), await codes.create({ name: 'Ancien' })];
    const made = await set({ ...first, defaultSet: ['BUSINESS_NEUTRAL'],
                             mapping: { [sold.id]: ['RIGHT_PARTY_CONTACT', 'BUSINESS_SUCCESS', 'BUSINESS_SUCCESS'], [gone.id]: ['NUMBER_UNCALLABLE'] } });
    equal([made.defaultSet, made.mapping[sold.id], made.mapping[gone.id], made.version],
          [['BUSINESS_NEUTRAL'], ['RIGHT_PARTY_CONTACT', 'BUSINESS_SUCCESS'], ['NUMBER_UNCALLABLE'], 2], 'N21 a mapping is kept, each flag once');
    equal(await get(), made, 'N21 and read as it was made');
    await refused(set({ ...first, mapping: {} }), 409, 'version.conflict', /changed by somebody else|read it again/, 'N21 a stale mapping');
    await refused(set({ ...made, version: undefined }), 400, 'invalid.value', /version/, 'N21 a mapping without its version');
    await refused(set({ ...made, mapping: { [NOBODY]: [] } }), 400, 'invalid.value', /mapping\.0000.*wrap-up code/, 'N21 a code that never was');
    await refused(set({ ...made, mapping: { [sold.id]: ['SOLD'] } }), 400, 'invalid.value', /\[0\].*RIGHT_PARTY_CONTACT/, 'N21 a flag that there is not');
    await refused(set({ ...made, defaultSet: 'all' }), 400, 'invalid.value', /defaultSet/, 'N21 a default set that is no array');
    equal(await get(), made, 'N21 what is refused changes nothing');
    const own = `/api/cadran/v1/wrapupcodes/${sold.id}`;
    const more = await world.put(own, { ...(await world.get(own)), means: 'machine', flags: ['CONTACT_UNCALLABLE'] });
    equal([more.means, 'flags' in more, await get()], ['machine', false, made], 'N21 a code says nothing of it beside the mapping');
    await codes.remove(gone.id);
    equal(Object.keys((await get()).mapping), [sold.id], 'N21 a code that was removed is named no more');
    await set({ ...(await get()), defaultSet: [], mapping: {} });
    await codes.remove(sold.id);
}

export async function configuration(world) {
    const { outbound, routing } = world;
    const codes = resource(routing, 'RoutingWrapupcode', 'RoutingWrapupcodes');
    const queues = resource(routing, 'RoutingQueue', 'RoutingQueues');
    const limits = resource(outbound, 'OutboundAttemptlimit', 'OutboundAttemptlimits');
    const times = resource(outbound, 'OutboundCallabletimeset', 'OutboundCallabletimesets');
    const dnc = resource(outbound, 'OutboundDnclist', 'OutboundDnclists');
    const lists = resource(outbound, 'OutboundContactlist', 'OutboundContactlists');

    world.code = await life('wrap-up code', codes, { name: 'Vendu' }, { name: 'Vente conclue' }, false);
    await meanings(world, codes);
    world.queue = await life('queue', queues, { name: 'Ventes' },
                             { acwSettings: { wrapupPrompt: 'MANDATORY', timeoutMs: 60000 } }, false);
    world.limits = await life('set of attempt limits', limits, { name: 'Deux', maxAttemptsPerContact: 5 },
                              { maxAttemptsPerContact: 2 });
    world.times = await life('callable time set', times,
                             { name: 'Toujours', callableTimes: [always('Europe/Paris')] },
                             { callableTimes: [always('Europe/Paris'), always('America/Cayenne')] });
    world.dnc = await life('do-not-contact list', dnc, { name: 'Liste noire', dncSourceType: 'rds' },
                           { name: 'Opposition' });
    world.list = await life('contact list', lists, {
        name: 'Prospects',
        columnNames: ['Nom', 'Ville', 'Fixe', 'Mobile'],
        phoneColumns: [{ columnName: 'Fixe', type: 'Home' }, { columnName: 'Mobile', type: 'Cell' }],
    }, { attemptLimits: { id: world.limits.id, name: 'Deux', selfUri: world.limits.selfUri } });
    equal(world.list.attemptLimits.name, 'Deux', 'a reference has its name');
    await passing('wrap-up code', codes, { name: 'Éphémère' });
    await passing('queue', queues, { name: 'Éphémère' });
    await passing('contact list', lists, { name: 'Éphémère', columnNames: ['a'], phoneColumns: [] });
    await refused(limits.remove(world.limits.id), 409, 'entity.in.use', /in use/,
                  'limits that a list uses');

    world.user = await people(world);
    await routing.postRoutingQueueMembers(world.queue.id, [{ id: world.user.id }]);
    const members = await routing.getRoutingQueueMembers(world.queue.id);
    equal(members.entities.map((one) => one.id), [world.user.id], 'a queue has its members');
    const body = await refused(world.users.deleteUser(world.user.id), 409, 'entity.in.use', /in use/,
                               'a member of a queue');
    equal(body.errors.map((one) => one.id), [world.queue.id], 'and the queue is named');
    await routing.postRoutingQueueWrapupcodes(world.queue.id, [{ id: world.code.id }]);
    equal((await routing.getRoutingQueueWrapupcodes(world.queue.id)).entities.map((one) => one.name),
          ['Vente conclue'], 'a queue has its codes');
    equal((await queues.read(world.queue.id)).memberCount, 1, 'members are counted');

    const divisions = await world.authorization.getAuthorizationDivisions();
    check(divisions.entities.some((one) => one.name === 'Home'), 'there is the division Home', divisions);
    await listing(world);
    await wrong(world);
}
