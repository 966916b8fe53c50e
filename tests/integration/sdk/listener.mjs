import { check, equal } from './world.mjs';

/* Who listens to a channel: everything that came, by topic. */
export class Listener {
    constructor(world) {
        this.world = world;
        this.messages = [];
    }

    async open(topics) {
        const { notifications, WebSocket } = this.world;
        this.channel = await notifications.postNotificationsChannels();
        check(/^ws:\/\/127\.0\.0\.1:\d+\/ws\/\S{20,}$/.test(this.channel.connectUri) &&
              Date.parse(this.channel.expires) > Date.now(), 'a channel has an address and an end', this.channel);
        const body = topics.map((id) => ({ id }));
        const subscribed = await notifications.postNotificationsChannelSubscriptions(this.channel.id, body);
        equal(subscribed.entities.map((one) => one.id).sort(), [...topics].sort(), 'topics are subscribed');
        this.socket = new WebSocket(this.channel.connectUri);
        this.socket.on('message', (text) => this.messages.push(JSON.parse(text)));
        await new Promise((resolve, reject) => {
            this.socket.on('open', resolve);
            this.socket.on('error', reject);
        });
        equal((await notifications.getNotificationsChannelSubscriptions(this.channel.id)).entities.length,
              topics.length, 'and can be asked for');
    }

    of(topic) {
        return this.messages.filter((one) => one.topicName === topic).map((one) => one.eventBody);
    }

    close() {
        this.socket.close();
    }
}
