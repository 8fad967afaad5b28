/** The topics of one device. Source: vendor documentation and Link SDK for C 4.2. */

export interface Topics {
	readonly control: string;
	readonly timeRequest: string;
	readonly timeReply: string;
	readonly propertyPost: string;
	readonly postReply: string;
	mayPublish(topic: string): boolean;
	maySubscribe(filter: string): boolean;
}

export function topics(productKey: string, deviceName: string): Topics {
	const own = `${productKey}/${deviceName}`;
	const custom = `/${own}/user/`;
	const system = `/sys/${own}/`;
	const thing = `${system}thing/`;
	const timeRequest = `/ext/ntp/${own}/request`;
	const propertyPost = `${thing}event/property/post`;
	const isEvent = (topic: string, end: string): boolean => topic.startsWith(`${thing}event/`) && topic.endsWith(end);
	return {
		control: `${custom}get`,
		timeRequest,
		timeReply: `/ext/ntp/${own}/response`,
		propertyPost,
		postReply: `${propertyPost}_reply`,
		mayPublish: (topic) =>
			topic === timeRequest || isUnder(custom, topic) || (isUnder(thing, topic) && !isEvent(topic, "/post_reply")),
		maySubscribe: (filter) =>
			filter !== timeRequest &&
			(isUnder(custom, filter) || (isUnder(system, filter) && !isEvent(filter, "/post")) || isExtension(filter, own)),
	};
}

/** A prefix holds product and device name, which have no wildcards, so a filter below it covers no other device. */
function isUnder(prefix: string, topic: string): boolean {
	return topic.startsWith(prefix) && topic.length > prefix.length;
}

/** `/ext/{service}/{productKey}/{deviceName}`, and what is below it. */
function isExtension(filter: string, own: string): boolean {
	const [, service = ""] = /^\/ext\/(\w+)\//.exec(filter) ?? [];
	const prefix = `/ext/${service}/${own}`;
	return service !== "" && (filter === prefix || isUnder(`${prefix}/`, filter));
}
