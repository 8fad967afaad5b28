/** Written by `npm run docs` from the folders of `modules/clouds/`. Do not edit. */

import { aws } from "dynreg/clouds/aws/cloud";
import type { Cloud } from "../modules/contracts/cloud.js";

export { aws };

/** Replaces `clouds.ts` in an image with this cloud only. */
export const clouds = Object.freeze({ aws } satisfies Record<string, Cloud>);

/** @throws Failure `bad-configuration`, also if another cloud is configured */
export const configuredDevice = aws.device;
