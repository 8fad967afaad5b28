/** Written by `npm run docs` from the folders of `modules/clouds/`. Do not edit. */

import { thingsboard } from "dynreg/clouds/thingsboard/cloud";
import type { Cloud } from "../modules/contracts/cloud.js";

export { thingsboard };

/** Replaces `clouds.ts` in an image with this cloud only. */
export const clouds = Object.freeze({ thingsboard } satisfies Record<string, Cloud>);

/** @throws Failure `bad-configuration`, also if another cloud is configured */
export const configuredDevice = thingsboard.device;
