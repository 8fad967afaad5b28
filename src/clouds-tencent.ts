/** Written by `npm run docs` from the folders of `modules/clouds/`. Do not edit. */

import { tencent } from "dynreg/clouds/tencent/cloud";
import type { Cloud } from "../modules/contracts/cloud.js";

export { tencent };

/** Replaces `clouds.ts` in an image with this cloud only. */
export const clouds = Object.freeze({ tencent } satisfies Record<string, Cloud>);

/** @throws Failure `bad-configuration`, also if another cloud is configured */
export const configuredDevice = tencent.device;
