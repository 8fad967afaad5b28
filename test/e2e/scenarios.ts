import { aliyun } from "./aliyun.js";
import type { Scenario } from "./judge.js";
import { tencent } from "./tencent.js";

/** What a board lives through, on every host. */
export const scenarios: readonly Scenario[] = [
	...tencent,
	...aliyun.map(({ name, ...scenario }) => ({ ...scenario, name: `aliyun: ${name}` })),
];
