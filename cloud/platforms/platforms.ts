/** Written by `npm run docs` from the folders of `modules/clouds/`. Do not edit. */

import { aliyun } from "./aliyun/aliyun.js";
import { aws } from "./aws/aws.js";
import { azure } from "./azure/azure.js";
import type { Platform } from "./platform.js";
import { tencent } from "./tencent/tencent.js";
import { thingsboard } from "./thingsboard/thingsboard.js";
import { volcengine } from "./volcengine/volcengine.js";

/** The platforms that the local cloud imitates. */
export const platforms: readonly Platform[] = [tencent, aliyun, aws, azure, thingsboard, volcengine];
