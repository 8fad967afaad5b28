/** Fleet provisioning by the vendor's own JavaScript SDK, against the local cloud. */

import { readFileSync } from "node:fs";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { testWithSdk, vendorPackage } from "./installed.js";

const name = "device_1234";
const templateName = "fleet";

/** A connection of the SDK's. */
async function connect(cloud: Cloud, certificate: string, key: string, clientId: string) {
	const { io, iot, mqtt } = vendorPackage("aws-iot-device-sdk-v2");
	const { hostname, port } = new URL(cloud.urls.mqtts);
	const configuration = iot.AwsIotMqttConnectionConfigBuilder.new_mtls_builder(certificate, key)
		.with_certificate_authority(readFileSync(cloud.ca, "utf8"))
		.with_clean_session(true)
		.with_client_id(clientId)
		.with_endpoint(hostname)
		.with_port(Number(port))
		.build();
	const connection = new mqtt.MqttClient(new io.ClientBootstrap()).new_connection(configuration);
	await connection.connect();
	return connection;
}

testWithSdk(
	["aws-iot-device-sdk-v2"],
	"aws-iot-device-sdk-v2 creates keys, registers a thing and opens its session",
	async (t) => {
		t.timeout(60_000);
		const { iotidentity, mqtt } = vendorPackage("aws-iot-device-sdk-v2");
		const cloud = await startCloud();
		t.teardown(() => cloud.close());
		cloud.administration.putProduct("aws", templateName, { thingPrefix: "t-" });
		const board = await cloud.administration.newBoard("aws", templateName, name);
		const claim = await connect(cloud, String(board.claimCertificate), String(board.claimKey), name);
		const client = new iotidentity.IotIdentityClient(claim);
		const qos = mqtt.QoS.AtLeastOnce;

		const keys = await new Promise<Readonly<Record<string, string>>>((resolve, reject) => {
			const created = (error: unknown, response: Readonly<Record<string, string>>) =>
				error ? reject(error) : resolve(response);
			client
				.subscribeToCreateKeysAndCertificateAccepted({}, qos, created)
				.then(() => client.subscribeToCreateKeysAndCertificateRejected({}, qos, reject))
				.then(() => client.publishCreateKeysAndCertificate({}, qos))
				.catch(reject);
		});
		const register = (certificateOwnershipToken: string | undefined) =>
			new Promise<readonly [string, Readonly<Record<string, unknown>>]>((resolve, reject) => {
				const answer = (verdict: string) => (_: unknown, response: Readonly<Record<string, unknown>>) =>
					resolve([verdict, response]);
				const request = { templateName, certificateOwnershipToken, parameters: { SerialNumber: name } };
				client
					.subscribeToRegisterThingAccepted({ templateName }, qos, answer("accepted"))
					.then(() => client.subscribeToRegisterThingRejected({ templateName }, qos, answer("rejected")))
					.then(() => client.publishRegisterThing(request, qos))
					.catch(reject);
			});
		const [refusal, { errorCode }] = await register("made-up");
		t.is(`${refusal} ${errorCode}`, "rejected InvalidCertificateOwnershipToken");
		const [verdict, { thingName }] = await register(keys.certificateOwnershipToken);
		t.is(`${verdict} ${thingName}`, `accepted t-${name}`);
		await claim.disconnect();

		const session = await connect(cloud, String(keys.certificatePem), String(keys.privateKey), `t-${name}`);
		const received = new Promise<string>((resolve) => {
			session.subscribe(`t-${name}/control`, qos, (_: string, payload: ArrayBuffer) =>
				resolve(Buffer.from(payload).toString()),
			);
		});
		await session.publish(`t-${name}/event`, "hello", qos);
		await cloud.administration.sendMessage("aws", templateName, name, "on");
		t.is(await received, "on");
		await session.disconnect();
	},
);
