/* What is left is removed, in the order that references allow, and the token is given back. */
import { check, equal, refused } from './world.mjs';

export async function goodbye(world) {
    const { outbound, routing, users } = world;
    const removed = await outbound.deleteOutboundCampaign(world.campaign.id);
    equal(removed.id, world.campaign.id, 'a campaign that is removed is answered');
    await refused(outbound.getOutboundCampaign(world.campaign.id), 404, 'not.found', /no such campaign/, 'then it is gone');
    await outbound.deleteOutboundContactlist(world.list.id);
    await outbound.deleteOutboundDnclistPhonenumbers(world.dnc.id, {});
    equal((await outbound.getOutboundDnclist(world.dnc.id)).size, 0, 'a do-not-contact list is emptied');
    await outbound.deleteOutboundDnclist(world.dnc.id);
    await outbound.deleteOutboundAttemptlimit(world.limits.id);
    await refused(outbound.getOutboundAttemptlimit(world.limits.id), 404, 'not.found', /no such/, 'limits that are gone');
    await refused(outbound.deleteOutboundCallabletimeset(world.times.id), 409, 'entity.in.use', /in use by 1 other thing /,
                  'hours that the other campaign keeps');
    await routing.deleteRoutingQueueMember(world.queue.id, world.user.id);
    await routing.deleteRoutingQueueWrapupcode(world.queue.id, world.code.id);
    equal((await routing.getRoutingQueueWrapupcodes(world.queue.id)).total, 0, 'a queue loses its code');
    await users.deleteUser(world.user.id);
    await routing.deleteRoutingQueue(world.queue.id);
    await routing.deleteRoutingWrapupcode(world.code.id);
    await world.tokens.deleteTokensMe();
    const body = await refused(outbound.getOutboundCampaigns(), 401, 'bad.credentials', /log in/, 'a token that was given back');
    check(body.status === 401, 'as the SDK sees it', body);
    let answer = null;
    try {
        await world.client.loginClientCredentialsGrant(world.server.secrets.client.id, 'wrong');
    } catch (reason) {
        answer = reason;
    }
    check(JSON.stringify(answer?.body ?? answer?.response?.data ?? answer ?? '').includes('invalid_client') ||
          answer?.status === 400, 'a wrong secret logs nobody in', String(answer));
}
