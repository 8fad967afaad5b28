import { aliyun } from "./aliyun.js";
import { aws } from "./aws.js";
import { certificates } from "./certificates.js";
import type { Scenario } from "./scenario.js";
import { tencent } from "./tencent.js";
import { thingsboard } from "./thingsboard.js";
import { time } from "./time.js";
import { trust } from "./trust.js";

/** What a board lives through, on every host. */
export const scenarios: readonly Scenario[] = [
	...tencent,
	...aliyun.map(({ name, ...scenario }) => ({ ...scenario, name: `aliyun: ${name}` })),
	...thingsboard.map(({ name, ...scenario }) => ({ ...scenario, name: `thingsboard: ${name}` })),
	...aws.map(({ name, ...scenario }) => ({ ...scenario, name: `aws: ${name}` })),
	...certificates,
	...trust,
	...time,
];
