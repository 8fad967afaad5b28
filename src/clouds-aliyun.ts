/** Written by `npm run docs` from the folders of `modules/clouds/`. Do not edit. */

import { aliyun } from "dynreg/clouds/aliyun/cloud";
import type { Cloud } from "../modules/contracts/cloud.js";

export { aliyun };

/** Replaces `clouds.ts` in an image with this cloud only. */
export const clouds = Object.freeze({ aliyun } satisfies Record<string, Cloud>);

/** @throws Failure `bad-configuration`, also if another cloud is configured */
export const configuredDevice = aliyun.device;
