/** Written by `npm run docs` from the folders of `modules/clouds/`. Do not edit. */

import { volcengine } from "dynreg/clouds/volcengine/cloud";
import type { Cloud } from "../modules/contracts/cloud.js";

export { volcengine };

/** Replaces `clouds.ts` in an image with this cloud only. */
export const clouds = Object.freeze({ volcengine } satisfies Record<string, Cloud>);

/** @throws Failure `bad-configuration`, also if another cloud is configured */
export const configuredDevice = volcengine.device;
