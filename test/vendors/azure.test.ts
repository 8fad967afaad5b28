/** Provisioning and a hub's session by the vendor's own Node SDK, against the local cloud. */

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import tls from "node:tls";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { sendWhenSubscribed } from "@dynreg/cloud/internal/demo-board";
import { testWithSdk, vendorPackage } from "./installed.js";

const scope = "0ne00111111";
/** Made up; base64. */
const groupKey = "InventedGroupKeyForTestsInventedGroupKeyForTests";

/** Every server of the vendor's is the local cloud: the SDK takes no port. @returns what undoes it */
function redirect(cloud: Cloud): () => void {
	const { connect } = tls;
	const ca = readFileSync(cloud.ca, "utf8");
	const port = (url: string) => Number(new URL(url).port);
	tls.connect = ((options: tls.ConnectionOptions, ...others: never[]) => {
		const { host } = options;
		const isVendors = host?.endsWith(".azure-devices.net") || host?.endsWith(".azure-devices-provisioning.net");
		const local = {
			...options,
			...{ host: "127.0.0.1", servername: host, ca },
			port: port(options.port === 8883 ? cloud.urls.mqtts : cloud.urls.https),
		};
		return connect((isVendors ? local : options) as tls.ConnectionOptions, ...others);
	}) as typeof tls.connect;
	return () => {
		tls.connect = connect;
	};
}

for (const [transport, name] of [
	["Http", "azure-iot-provisioning-device-http"],
	["Mqtt", "azure-iot-provisioning-device-mqtt"],
] as const)
	testWithSdk(
		[
			...["azure-iot-provisioning-device", name, "azure-iot-security-symmetric-key"],
			...["azure-iot-device", "azure-iot-device-mqtt"],
		],
		`${name} registers, and azure-iot-device opens the assigned hub's session`,
		async (t) => {
			t.timeout(60_000);
			const { ProvisioningDeviceClient } = vendorPackage("azure-iot-provisioning-device");
			const { SymmetricKeySecurityClient } = vendorPackage("azure-iot-security-symmetric-key");
			const { Client, Message } = vendorPackage("azure-iot-device");
			const { Mqtt } = vendorPackage("azure-iot-device-mqtt");
			const cloud = await startCloud();
			t.teardown(() => cloud.close());
			t.teardown(redirect(cloud));
			cloud.administration.putProduct("azure", scope, { secret: groupKey });
			const id = `sdk-${transport.toLowerCase()}`;
			const key = createHmac("sha256", Buffer.from(groupKey, "base64")).update(id).digest("base64");
			const register = (registrationId: string) => {
				const security = new SymmetricKeySecurityClient(registrationId, key);
				const service = "global.azure-devices-provisioning.net";
				return ProvisioningDeviceClient.create(
					service,
					scope,
					new (vendorPackage(name)[transport])(),
					security,
				).register();
			};
			const { assignedHub, deviceId } = await register(id);
			t.is(deviceId, id);
			await t.throwsAsync(register(`${id}-of-another-key`), { name: "UnauthorizedError" });

			const address = `HostName=${assignedHub};DeviceId=${deviceId};SharedAccessKey=${key}`;
			const client = Client.fromConnectionString(address, Mqtt);
			await client.open();
			const received = new Promise<string>((resolve) => {
				client.on("message", (message: { getData(): Buffer }) => {
					client.complete(message, () => {});
					resolve(message.getData().toString());
				});
			});
			await client.sendEvent(new Message("hello"));
			await sendWhenSubscribed(cloud.administration, ["azure", scope, id], "a command", 10_000);
			t.is(await received, "a command");
			await client.close();
		},
	);
