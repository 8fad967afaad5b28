import test from "ava";
import { aliyun as alibabaCloud } from "dynreg/clouds/aliyun/cloud";
import { tencent as tencentCloud } from "dynreg/clouds/tencent/cloud";
import * as aliyun from "dynreg/clouds-aliyun";
import * as tencent from "dynreg/clouds-tencent";
import { crypto } from "../support/node-crypto.js";

const secret = "AnInventedProductSecret1";

test("an image for one cloud has it for its default, and speaks to no other", (t) => {
	t.deepEqual(tencent.clouds, { tencent: tencentCloud });
	t.deepEqual(aliyun.clouds, { aliyun: alibabaCloud });
	const one = tencent.configuredDevice({ productId: "ABC", productSecret: secret }, crypto, "a4:d1:8c:db:c0:20");
	t.is(one.identity, "tencent/ABC/a4d18cdbc020");
	const other = aliyun.configuredDevice(
		{ cloud: "aliyun", productKey: "a1b", productSecret: secret, deviceName: "dev_0001" },
		crypto,
		undefined,
	);
	t.is(other.identity, "aliyun/a1b/dev_0001");
	for (const [{ configuredDevice }, cloud] of [
		[tencent, "aliyun"],
		[aliyun, "tencent"],
	] as const)
		t.throws(() => configuredDevice({ cloud }, crypto, undefined), { message: /^bad-configuration cloud invalid / });
});
