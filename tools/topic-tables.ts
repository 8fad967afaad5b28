/** The platforms' topic tables for docs/reference/topics.md. */

import { platforms } from "@dynreg/cloud/internal/platforms/platforms";
import type { TopicRow } from "@dynreg/cloud/internal/platforms/topic-table";

/** Tables in Markdown, by the name of the place that each goes to. */
export function topicTables(): ReadonlyMap<string, string> {
	return new Map(platforms.map(({ name, topicRows }) => [name, table(topicRows)]));
}

function table(rows: readonly TopicRow[]): string {
	return [
		"| topic | direction | QoS | response | source |",
		"| --- | --- | --- | --- | --- |",
		...rows.map(({ topic, direction, automatic, response = "", source }) => {
			const way = { up: "up", down: "down", both: "both ways" }[direction] + (automatic ? ", automatic" : "");
			return `| \`${topic}\` | ${way} | 0, 1 | ${response} | ${source} |`;
		}),
	].join("\n");
}
