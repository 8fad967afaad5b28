import { aliyun } from "dynreg/aliyun/cloud";
import { tencent } from "dynreg/tencent/cloud";
import type { Cloud } from "../modules/contracts/cloud.js";

/** The clouds this firmware speaks to, by the name that the configuration gives in `cloud`. The first is the default. */
export const clouds = Object.freeze({ tencent, aliyun } satisfies Record<string, Cloud>);
