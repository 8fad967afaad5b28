/** Every action of the console, from the page to a board that reacts. */

import { readFile, writeFile } from "node:fs/promises";
import { importLists, plainTemplate } from "@dynreg/cli/internal/factory/import-lists";
import { createAuthority } from "@dynreg/cloud/internal/certificates/certificate-authority";
import jsQR from "jsqr";
import { browserTest, ConsoleFixture, secret } from "./browser.js";

const productId = "LAMPS00001";

/** In a page of its own: the pixels of the QR code, 1 for a dark one. */
const drawn = (svg: string) => `(async () => {
	const image = new Image();
	image.src = "data:image/svg+xml;base64," + btoa(${JSON.stringify(svg)});
	await image.decode();
	const context = Object.assign(document.createElement("canvas"), { width: 500, height: 500 }).getContext("2d");
	context.drawImage(image, 0, 0, 500, 500);
	const { data } = context.getImageData(0, 0, 500, 500);
	return Array.from({ length: 250000 }, (_, index) => (data[4 * index] < 128 ? 1 : 0)).join("");
})()`;

browserTest(
	"a product is created, a board is configured from the page, registers, and answers a command",
	async (t) => {
		const fixture = await ConsoleFixture.start(t);
		const { page, cloud } = fixture;
		await fixture.open();
		await page.getByRole("link", { name: "Create a product" }).click();
		const dialog = page.getByRole("dialog", { name: "Create a product" });
		await dialog.getByLabel("Product id").fill("not an id");
		await dialog.getByText("The product id is invalid").waitFor();
		await dialog.getByLabel("Product id").fill(productId);
		await dialog.getByLabel("Limit").fill("5");
		await fixture.button("Create", dialog).click();
		await fixture.notice(`The product ${productId} is created.`);
		t.like(cloud.administration.product("tencent", productId), { registration: "automatic", limit: 5, auth: "key" });

		await fixture.panel(productId).getByRole("link", { name: "Start a board" }).click();
		await page.getByLabel("Device name").fill("lamp-1");
		await page.getByText("Waiting for lamp-1 …").waitFor();
		await fixture.button("Show the configuration").click();
		const text = await fixture.panel("On this computer").locator("pre").first().innerText();
		const board = await fixture.board({ configuration: { ...JSON.parse(text), ca: cloud.ca } });
		const { index } = await board.entry("online");
		// The page has watched it.
		await fixture.panel("The board").getByText("accepted").waitFor();
		await page.getByRole("link", { name: "Its page" }).click();
		await page.getByRole("heading", { name: `${productId} / lamp-1` }).waitFor();
		const timeline = fixture.panel("Timeline");
		for (const title of ["Registered", "Connected", "Subscribed", "Published"])
			await timeline.locator("strong", { hasText: title }).first().waitFor();

		await page.getByLabel("Payload").fill('{"lamp":"on","level":7}');
		await fixture.button("Send").click();
		const message = await board.event("message", { after: index });
		t.is(message.payload, '{"lamp":"on","level":7}');
		await timeline.locator("li.down .json-key", { hasText: '"level"' }).waitFor();

		await fixture.button("Disconnect").click();
		const { index: lost } = await board.entry("offline", { after: index });
		await board.entry("online", { after: lost, seconds: 600 });
		await timeline.getByText("The administration disconnected the device.").waitFor();
		fixture.assertCalm();
	},
);

browserTest("the configuration is the same as a file, as arguments and as a QR code; the CA is saved", async (t) => {
	const fixture = await ConsoleFixture.start(t);
	const { page, cloud } = fixture;
	cloud.administration.putProduct("aliyun", "a1Sensors", { secret: "with'quote&in-it" });
	await fixture.open("start?platform=aliyun&product=a1Sensors");
	await page.getByLabel("Device name").fill("sensor-1");
	await page.getByText("takes only names that were created before").waitFor();
	await fixture.button("Create sensor-1").click();
	await page.getByText("takes only names that were created before").waitFor({ state: "detached" });
	t.is(cloud.administration.device("aliyun", "a1Sensors", "sensor-1").state, "created");

	await fixture.button("Show the configuration").click();
	const saved = async (label: string) => {
		const [download] = await Promise.all([page.waitForEvent("download"), fixture.button(label).click()]);
		return { name: download.suggestedFilename(), content: await readFile(await download.path()) };
	};
	const file = await saved("Save board.json");
	t.is(file.name, "board.json");
	const configuration = JSON.parse(String(file.content));
	t.like(configuration, { cloud: "aliyun", productKey: "a1Sensors", productSecret: "with'quote&in-it", ca: cloud.ca });
	const commands = fixture.panel("On a real board").locator("pre");
	t.is(await commands.nth(0).innerText(), "npx dynreg flash --platform esp32 --config board.json");
	const command = await commands.nth(1).innerText();
	t.regex(command, /^mcconfig -d -m -p esp32 ssid=… password=… cloud=aliyun productKey=a1Sensors /);
	t.true(command.includes(`'productSecret=with'\\''quote&in-it'`));
	t.true(command.includes(`endpoints.mqtt=${cloud.urls.mqtts}`));

	const svg = await page.evaluate<string>("new XMLSerializer().serializeToString(document.querySelector('.qr'))");
	const scanned = await (await page.context().newPage()).evaluate<string>(drawn(svg));
	const pixels = Uint8ClampedArray.from(
		[...scanned].flatMap((dark) => (dark === "1" ? [0, 0, 0, 255] : [255, 255, 255, 255])),
	);
	const code = jsQR.default(pixels, 500, 500);
	const { ca: _, ...withoutCa } = configuration;
	t.deepEqual(JSON.parse(code?.data ?? "null"), withoutCa);

	t.is(String((await saved("Save PEM")).content), cloud.authority);
	const der = await saved("Save DER");
	t.is(der.name, "authority.der");
	t.is(der.content.toString("base64"), cloud.authority.replaceAll(/-----[^-]+-----|\s/g, ""));
	const board = await fixture.board({ configuration });
	await board.event("online");
	fixture.assertCalm();
});

browserTest("registration off, pre-created, automatic and the limit decide about the next board", async (t) => {
	const fixture = await ConsoleFixture.start(t);
	const { page, cloud } = fixture;
	cloud.administration.putProduct("tencent", productId, { secret });
	await fixture.open("products");
	const panel = fixture.panel(productId);
	const choose = async (mode: string) => {
		await panel.getByRole("radio", { name: mode, exact: true }).check();
		await fixture.notice(`registration ${mode}`);
	};
	const refusal = async (deviceName: string) => {
		const board = await fixture.board({ configuration: fixture.configuration(productId, deviceName) });
		const failure = await board.event("failed");
		board.powerOff();
		return failure.code;
	};
	await choose("off");
	t.is(await refusal("lamp-1"), "registration-refused");
	await choose("names created before");
	t.is(await refusal("lamp-1"), "registration-refused");
	await panel.getByLabel("New device").fill("lamp-1");
	await fixture.button("Create", panel).click();
	await fixture.notice("The device lamp-1 is created.");
	const created = await fixture.board({ configuration: fixture.configuration(productId, "lamp-1") });
	await created.event("online");

	await choose("any name");
	await panel.getByLabel("Limit").fill("1");
	await fixture.button("Set", panel).click();
	await fixture.notice("the limit is 1");
	const first = await fixture.board({ configuration: fixture.configuration(productId, "lamp-2") });
	await first.event("online");
	t.is(await refusal("lamp-3"), "registration-refused");
	await panel.getByText("2 devices").waitFor();

	await fixture.button("Delete", panel).click();
	const { index } = await first.entry("online");
	await fixture.button("Delete", page.getByRole("dialog")).click();
	await fixture.notice(`The product ${productId} is deleted.`);
	await first.entry("offline", { after: index });
	await page.getByText("There is no product yet.").waitFor();
	fixture.assertCalm();
});

browserTest("the product secret is shown and copied only on request", async (t) => {
	const fixture = await ConsoleFixture.start(t);
	const { page, cloud } = fixture;
	cloud.administration.putProduct("tencent", productId, { secret });
	await fixture.open("products");
	const panel = fixture.panel(productId);
	await panel.waitFor();
	t.false((await page.content()).includes(secret));
	await fixture.button("Copy", panel).click();
	await fixture.notice("The product secret is copied.");
	t.is(await page.evaluate("navigator.clipboard.readText()"), secret);
	t.false((await page.content()).includes(secret));
	await fixture.button("Show", panel).click();
	await panel.getByText(secret).waitFor();
	await fixture.button("Hide", panel).click();
	await panel.getByText(secret).waitFor({ state: "detached" });
	fixture.assertCalm();
});

browserTest("the names of dynreg factory are imported, and one of these boards registers", async (t) => {
	const fixture = await ConsoleFixture.start(t);
	const { page, cloud } = fixture;
	cloud.administration.putProduct("tencent", productId, { secret, registration: "pre-created" });
	const names = Array.from({ length: 1000 }, (_, index) => `lamp-${index}`);
	const [list] = importLists(names, plainTemplate("DeviceName"), 10_000);
	const file = `${fixture.file()}.csv`;
	await writeFile(file, [...(list?.chunks() ?? [])].map(String).join(""));
	await fixture.open("products");
	const panel = fixture.panel(productId);
	await panel.getByLabel("Import names").setInputFiles(file);
	await fixture.notice("1,000 new devices of 1,000 names.");
	await panel.getByText("1,000 devices").waitFor();
	await panel.getByLabel("Import names").setInputFiles(file);
	await fixture.notice("0 new devices of 1,000 names.");
	// As a spreadsheet writes it.
	await writeFile(file, '\uFEFF"DeviceName",note\r\n"lamp-1000","a, b"\r\nlamp-1001,\r\n\r\n');
	await panel.getByLabel("Import names").setInputFiles(file);
	await fixture.notice("2 new devices of 2 names.");
	await writeFile(file, "DeviceName\nnot a name\n");
	await panel.getByLabel("Import names").setInputFiles(file);
	await fixture.notice("The device name is invalid");
	const board = await fixture.board({ configuration: fixture.configuration(productId, "lamp-777") });
	await board.event("online");
	await page.getByRole("link", { name: "1,002 devices" }).click();
	await page.getByLabel("Search names").fill("lamp-777");
	await page
		.getByRole("row", { name: /lamp-777/ })
		.getByText("online")
		.waitFor();
	t.is(await page.locator("tbody tr").count(), 1);
	fixture.assertCalm();
});

browserTest("reset, rotate, fix the next secret and delete change what the board may do", async (t) => {
	const fixture = await ConsoleFixture.start(t);
	const { page, cloud } = fixture;
	cloud.administration.putProduct("tencent", productId, { secret });
	const configuration = fixture.configuration(productId, "lamp-1");
	const first = await fixture.board({ configuration, until: "online" });
	await first.reached("online");
	await fixture.open(`devices/tencent/${productId}/lamp-1`);
	const erased = await fixture.board({ configuration });
	t.is((await erased.event("failed")).code, "already-activated");
	erased.powerOff();
	await page.getByText("Registration refused").first().waitFor();

	await fixture.button("Reset").click();
	await fixture.notice("The device lamp-1 may register again.");
	await page.locator(".facts .badge", { hasText: "registered" }).waitFor();
	const known = Buffer.from("0123456789abcdef").toString("base64");
	await fixture.button("Fix the next secret").click();
	await page.getByRole("dialog").getByLabel("The secret (psk)").fill("no psk");
	await page.getByRole("dialog").getByText("base64 of 16 bytes").waitFor();
	await page.getByRole("dialog").getByLabel("The secret (psk)").fill(known);
	await fixture.button("Fix").click();
	await fixture.notice("The next registration hands out this secret.");
	await page.getByText("the next secret is fixed").waitFor();
	const again = await fixture.board({ configuration });
	const { index: registered } = await again.entry("online");
	// Another client connects with that secret, and so replaces the session.
	await (await fixture.connect(productId, "lamp-1", known)).endAsync();
	const { index: replaced } = await again.entry("offline", { after: registered });
	const { index } = await again.entry("online", { after: replaced, seconds: 600 });
	await page.getByText("the next secret is fixed").waitFor({ state: "detached" });

	await fixture.button("Rotate the secret").click();
	await fixture.button("Rotate the secret", page.getByRole("dialog")).click();
	await fixture.notice("The credential of lamp-1 is another one now.");
	const { index: lost } = await again.entry("offline", { after: index });
	t.is((await again.event("failed", { after: lost, seconds: 600 })).code, "credential-refused");
	await fixture.panel("Timeline").getByText("Connection refused").first().waitFor();

	await fixture.button("Delete").click();
	await fixture.button("Delete", page.getByRole("dialog")).click();
	await fixture.notice("The device lamp-1 is deleted.");
	t.is(new URL(page.url()).hash, "#/devices");
	t.deepEqual(cloud.administration.devices("tencent", productId), []);
	fixture.assertCalm();
});

browserTest("certificates: a product of each kind is created, a certificate is replaced and revoked", async (t) => {
	const fixture = await ConsoleFixture.start(t);
	const { page, cloud } = fixture;
	const { certificate } = await createAuthority({ name: "the customer's own" });
	await fixture.open("products");
	const create = async (id: string, auth: string, authority?: string) => {
		await fixture.button("Create a product").click();
		const dialog = page.getByRole("dialog");
		await dialog.getByLabel("Product id").fill(id);
		await dialog.getByLabel("Product secret").fill(secret);
		await dialog.getByLabel("Devices authenticate with").selectOption(auth);
		if (authority !== undefined) await dialog.getByLabel("Certificate of your CA").fill(authority);
		await fixture.button("Create", dialog).click();
	};
	await create("OWNCA00001", "private-ca", "nonsense");
	await page.getByRole("alert").getByText('"authority" is invalid').waitFor();
	await page.getByLabel("Certificate of your CA").fill(certificate);
	await fixture.button("Create", page.getByRole("dialog")).click();
	await fixture.notice("The product OWNCA00001 is created.");
	t.is(cloud.administration.product("tencent", "OWNCA00001").authority, certificate);
	await create("CERTS00001", "certificate");
	await fixture.notice("The product CERTS00001 is created.");

	const board = await fixture.board({ configuration: fixture.configuration("CERTS00001", "lamp-1") });
	const { index } = await board.entry("online");
	await fixture.open("devices/tencent/CERTS00001/lamp-1");
	await page.getByText("certificate, until").waitFor();
	await fixture.button("Revoke the certificate").click();
	await fixture.button("Revoke the certificate", page.getByRole("dialog")).click();
	await fixture.notice("The certificate of lamp-1 is revoked.");
	await page.getByText("revoked", { exact: true }).waitFor();
	const { index: lost } = await board.entry("offline", { after: index });
	t.is((await board.event("failed", { after: lost, seconds: 600 })).code, "credential-refused");
	await fixture.button("Replace the certificate").click();
	await fixture.button("Replace the certificate", page.getByRole("dialog")).click();
	await fixture.notice("The credential of lamp-1 is another one now.");
	t.is(cloud.administration.device("tencent", "CERTS00001", "lamp-1").certificate?.revoked, false);
	fixture.assertCalm();
});

browserTest("a refused signature is explained, character by character, without the secret", async (t) => {
	const fixture = await ConsoleFixture.start(t);
	const { page, cloud } = fixture;
	cloud.administration.putProduct("tencent", productId, { secret });
	await fixture.open("journal?verdict=refused");
	const wrong = { productSecret: "another-product-secret" };
	const board = await fixture.board({ configuration: fixture.configuration(productId, "lamp-1", wrong) });
	t.is((await board.event("failed")).code, "bad-product-secret");
	board.powerOff();
	await page.locator(".journal li", { hasText: "register/v2" }).first().waitFor();
	await page.getByText("What should have been signed").first().click();
	const [request] = cloud.administration.requests().filter(({ expected }) => expected !== undefined);
	const stringToSign = request?.expected?.stringToSign ?? "";
	t.is(await page.locator(".characters").first().innerText(), `${stringToSign.replaceAll("\n", "↵\n")}`);
	const signed = page.getByLabel("What your board has signed").first();
	await signed.fill(stringToSign.replace("/device/register", "/device/Register"));
	await page.getByText('is "R". Expected "r".').waitFor();
	t.is(await page.locator(".characters .wrong").first().innerText(), "r");
	await signed.fill(stringToSign);
	await page.getByText("This is the same text.").waitFor();
	t.false((await page.content()).includes(secret));

	await page.getByLabel("Verdict").selectOption("accepted");
	await page.getByText("No request matches.").waitFor();
	fixture.assertCalm();
});

browserTest("faults are switched on, counted and removed", async (t) => {
	const fixture = await ConsoleFixture.start(t);
	const { page, cloud } = fixture;
	cloud.administration.putProduct("tencent", productId, { secret });
	await fixture.open("faults");
	await page.getByLabel("Operation").selectOption("connect");
	await page.getByLabel("Fault", { exact: true }).selectOption("connack");
	await fixture.button("Add the fault").click();
	await fixture.notice('"code" is missing for the fault "connack"');
	await page.getByLabel("code (required)").fill("3");
	await page.getByLabel("count").fill("2");
	await fixture.button("Add the fault").click();
	const rule = page.locator(".rules li", { hasText: "connack" });
	await rule.getByText("applied 0 times").waitFor();
	const board = await fixture.board({ configuration: fixture.configuration(productId, "lamp-1") });
	t.is((await board.event("failed")).code, "broker-unavailable");
	await rule.getByText(/applied [12] times?/).waitFor();
	await fixture.button("Remove connack at connect").click();
	await page.getByText("The cloud behaves well: there is no rule.").waitFor();
	await board.event("online", { seconds: 600 });
	t.deepEqual(cloud.administration.faults(), []);
	await fixture.button("Add the fault").click();
	await rule.waitFor();
	await fixture.button("Remove all").click();
	await page.getByText("The cloud behaves well: there is no rule.").waitFor();
	fixture.assertCalm();
});

browserTest(
	"the broker is stopped, started and restarted; the server certificate and the time are others",
	async (t) => {
		const fixture = await ConsoleFixture.start(t);
		const { page, cloud } = fixture;
		cloud.administration.putProduct("tencent", productId, { secret });
		const board = await fixture.board({ configuration: fixture.configuration(productId, "lamp-1") });
		const { index } = await board.entry("online");
		await fixture.open("server");
		await fixture.button("Stop").click();
		await fixture.notice("The broker is stopped.");
		await page.getByText("broker stopped", { exact: true }).waitFor();
		const { index: lost } = await board.entry("offline", { after: index });
		await fixture.button("Start").click();
		await fixture.notice("The broker runs again.");
		const { index: back } = await board.entry("online", { after: lost, seconds: 600 });
		await page.getByLabel("Seconds without registration and broker").fill("2");
		await fixture.button("Restart").click();
		await fixture.notice("Registration and broker run again.");
		const { index: gone } = await board.entry("offline", { after: back });
		await board.entry("online", { after: gone, seconds: 600 });

		await page.getByLabel("Certificate at https").selectOption("expired");
		await fixture.notice("https shows the certificate expired.");
		const other = await fixture.board({ configuration: fixture.configuration(productId, "lamp-2") });
		t.is((await other.event("failed")).code, "certificate-expired");
		other.powerOff();
		await page.getByLabel("Certificate at https").selectOption("good");
		await fixture.notice("https shows the certificate good.");

		const sntp = { sntp: new URL(cloud.urls.sntp).host };
		await page.getByLabel("Silent").check();
		await fixture.notice("The time server is silent.");
		const late = await fixture.board({ configuration: fixture.configuration(productId, "lamp-3", sntp), now: 0 });
		t.is((await late.event("failed", { seconds: 60 })).code, "clock-unknown");
		await page.getByLabel("Silent").uncheck();
		await fixture.notice("The time server responds.");
		await late.event("online", { seconds: 600 });
		await page.getByLabel("Seconds ahead of this computer").fill("3600");
		await fixture.button("Set").click();
		await fixture.notice("The time server is 3600 s ahead.");
		t.deepEqual(cloud.administration.time(), { offset: 3600, silent: false });
		// The platform refuses a timestamp that is off by more than five minutes.
		const ahead = await fixture.board({ configuration: fixture.configuration(productId, "lamp-4", sntp), now: 0 });
		const { phase, code } = await ahead.event("failed", { seconds: 60 });
		t.is(`${phase} ${code}`, "register bad-timestamp");
		fixture.assertCalm();
	},
);

browserTest("the fleet's chart counts connections and devices while they come and go", async (t) => {
	const fixture = await ConsoleFixture.start(t);
	const { page, cloud } = fixture;
	cloud.administration.putProduct("tencent", productId, { secret });
	await fixture.open("overview");
	await page.getByText("0 online", { exact: true }).waitFor();
	const tile = page.locator(".tiles li", { hasText: "online" }).locator("strong");
	const { device } = await fixture.thing(productId, "thing-1");
	await page.getByText("1 online", { exact: true }).waitFor();
	await tile.getByText("1", { exact: true }).waitFor();
	const fleet = await (await fetch(`${cloud.urls.admin}/fleet`)).json();
	t.like((fleet as object[]).at(-1), { online: 1 });
	t.is(
		(fleet as { connections: number }[]).reduce((sum, { connections }) => sum + connections, 0),
		1,
	);
	await device.endAsync();
	await page.getByText("0 online", { exact: true }).waitFor();
	await tile.getByText("0", { exact: true }).waitFor();
	// The chart itself has ink in the colours of its two lines.
	const colours = await page.evaluate<string[]>(`(() => {
		const canvas = document.querySelector(".fleet canvas");
		const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
		const found = new Set();
		for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) found.add([...data.slice(at, at + 3)].join());
		return [...found];
	})()`);
	for (const colour of ["15,118,110", "180,83,9"]) t.true(colours.includes(colour), colours.join(" "));
	fixture.assertCalm();
});

browserTest("what a device reports is shown: data template, thing model, JSON and bytes", async (t) => {
	const fixture = await ConsoleFixture.start(t);
	const { page, cloud } = fixture;
	cloud.administration.putProduct("tencent", productId, { secret });
	const { device, psk } = await fixture.thing(productId, "thing-1");
	const property = `property/${productId}/thing-1`;
	await device.subscribeAsync(`$thing/down/${property}`);
	await fixture.open(`devices/tencent/${productId}/thing-1`);
	await page.getByText("The device has reported no property.").waitFor();
	const report = { method: "report", clientToken: "1", params: { brightness: 7, colour: "red" } };
	await device.publishAsync(`$thing/up/${property}`, JSON.stringify(report));
	const values = fixture.panel("Data template");
	await values.getByText("brightness").waitFor();
	await values.getByText("red").waitFor();

	const received = new Promise<string>((resolve) =>
		device.on("message", (_, payload) => {
			if (String(payload).includes('"control"')) resolve(String(payload));
		}),
	);
	await page.getByLabel("Set properties of the data template").check();
	await page.getByLabel("Properties, JSON").fill('{"brightness":9}');
	await fixture.button("Send").click();
	const control = JSON.parse(await received);
	t.like(control, { method: "control", params: { brightness: 9 } });
	await values.getByText("Commands without a reply").waitFor();
	const reply = { method: "control_reply", clientToken: control.clientToken, code: 0, status: "" };
	await device.publishAsync(`$thing/up/${property}`, JSON.stringify(reply));
	await values.getByText("Commands without a reply").waitFor({ state: "detached" });

	await device.publishAsync(`${productId}/thing-1/event`, Buffer.from([0xff, 0x00, 0xfe]));
	await fixture.panel("Timeline").getByText("ff00fe").waitFor();
	t.false((await page.content()).includes(psk));
	fixture.assertCalm();
});
