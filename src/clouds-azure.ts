/** Written by `npm run docs` from the folders of `modules/clouds/`. Do not edit. */

import { azure } from "dynreg/clouds/azure/cloud";
import type { Cloud } from "../modules/contracts/cloud.js";

export { azure };

/** Replaces `clouds.ts` in an image with this cloud only. */
export const clouds = Object.freeze({ azure } satisfies Record<string, Cloud>);

/** @throws Failure `bad-configuration`, also if another cloud is configured */
export const configuredDevice = azure.device;
