/**
 * The topics of a thing. The platform has none of its own for commands and events: an account's policy decides. The local
 * cloud's policy allows a thing all topics below its name.
 *
 * Source of the registration's topics: vendor documentation, "Device provisioning MQTT API".
 */

import { type TopicRow, TopicTable } from "../topic-table.js";

export const topicRows: readonly TopicRow[] = [
	{
		topic: "{device}/#",
		direction: "both",
		source: "not established",
		response: "none: the local cloud's policy, with the thing's name; an account has its own",
	},
];

export const thingTopics = new TopicTable(topicRows);

export const createTopic = "$aws/certificates/create/json";

export function provisionTopic(templateName: string): string {
	return `$aws/provisioning-templates/${templateName}/provision/json`;
}
