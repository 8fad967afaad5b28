/**
 * The topics of a hub's devices. Source: vendor documentation, "Communicate with an IoT hub using MQTT"; Node SDK. The last
 * level of an event or a command holds its properties, and may be empty. Twins and direct methods are not imitated.
 */

import { type TopicRow, TopicTable } from "../topic-table.js";

const own = "devices/{device}/messages";

export const topicRows: readonly TopicRow[] = [
	{ topic: `${own}/events/`, direction: "up", source: "documented" },
	{ topic: `${own}/events/+`, direction: "up", source: "documented" },
	{ topic: `${own}/devicebound/`, direction: "down", source: "documented" },
	{ topic: `${own}/devicebound/#`, direction: "down", source: "documented" },
	{ topic: "$iothub/twin/res/#", direction: "down", source: "documented" },
	{ topic: "$iothub/twin/PATCH/properties/desired/#", direction: "down", source: "documented" },
	{ topic: "$iothub/methods/POST/#", direction: "down", source: "documented" },
	...["twin/GET/+", "twin/PATCH/properties/reported/+"].map(
		(name): TopicRow => ({
			topic: `$iothub/${name}`,
			direction: "up",
			source: "documented",
			response: "none: the local cloud has no twins",
		}),
	),
];

export const deviceTopics = new TopicTable(topicRows);
