/** Written by `npm run docs` from the folders of `modules/clouds/`. Do not edit. Desktop only: no image links this. */

import { profile as aliyun } from "./aliyun/profile.js";
import { profile as aws } from "./aws/profile.js";
import { profile as azure } from "./azure/profile.js";
import { profile as tencent } from "./tencent/profile.js";
import { profile as thingsboard } from "./thingsboard/profile.js";
import { profile as volcengine } from "./volcengine/profile.js";

/** The clouds by the value of the key `cloud`. The first is the default. */
export const cloudProfiles: {
	readonly tencent: typeof tencent;
	readonly aliyun: typeof aliyun;
	readonly aws: typeof aws;
	readonly azure: typeof azure;
	readonly thingsboard: typeof thingsboard;
	readonly volcengine: typeof volcengine;
} = { tencent, aliyun, aws, azure, thingsboard, volcengine };
