import { aliyun } from "./aliyun.js";
import { aws } from "./aws.js";
import { azure } from "./azure.js";
import { certificates } from "./certificates.js";
import { everyCloud } from "./every-cloud.js";
import type { Scenario } from "./scenario.js";
import { tencent } from "./tencent.js";
import { thingsboard } from "./thingsboard.js";
import { time } from "./time.js";
import { trust } from "./trust.js";
import { volcengine } from "./volcengine.js";

/** What a board lives through, on every host. */
export const scenarios: readonly Scenario[] = [
	...tencent,
	...aliyun.map(({ name, ...scenario }) => ({ ...scenario, name: `aliyun: ${name}` })),
	...azure.map(({ name, ...scenario }) => ({ ...scenario, name: `azure: ${name}` })),
	...thingsboard.map(({ name, ...scenario }) => ({ ...scenario, name: `thingsboard: ${name}` })),
	...volcengine.map(({ name, ...scenario }) => ({ ...scenario, name: `volcengine: ${name}` })),
	...aws.map(({ name, ...scenario }) => ({ ...scenario, name: `aws: ${name}` })),
	...everyCloud,
	...certificates,
	...trust,
	...time,
];
