/** The platforms' topic tables for docs/reference/topics.md. */

import { topicRows as aliyun } from "@dynreg/cloud/internal/platforms/aliyun/topics";
import { topicRows as tencent } from "@dynreg/cloud/internal/platforms/tencent/topics";
import type { TopicRow } from "@dynreg/cloud/internal/platforms/topic-table";

/** Tables in Markdown, by the name of the place that each goes to. */
export function topicTables(): ReadonlyMap<string, string> {
	return new Map([
		["tencent", table(tencent)],
		["aliyun", table(aliyun)],
	]);
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
