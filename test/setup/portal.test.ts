/** Set-up mode on Node with a real browser: from each system's probe to the stored network. */

import { Resolver } from "node:dns/promises";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { scaledTime } from "@dynreg/node";
import { realTime } from "@dynreg/node/internal/time-source";
import { browserTest } from "../console/browser.js";
import { networks, password, SetupFixture } from "./portal-in-browser.js";

const portal = "http://192.168.4.1/";
const heading = "Connect this device to Wi-Fi";

const pictures = join(project, "docs/internals/setup");

/** A picture for the document: written where DYNREG_SCREENSHOTS is 1. */
async function picture({ page }: SetupFixture, name: string): Promise<void> {
	if (process.env.DYNREG_SCREENSHOTS !== "1") return;
	await mkdir(pictures, { recursive: true });
	const session = await page.context().newCDPSession(page);
	const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 5 });
	await session.detach();
	await writeFile(join(pictures, `${name}.webp`), Buffer.from(data, "base64"));
}

const probes = {
	Android: "http://connectivitycheck.gstatic.com/generate_204",
	"iOS and macOS": "http://captive.apple.com/hotspot-detect.html",
	Windows: "http://www.msftconnecttest.com/connecttest.txt",
	Firefox: "http://detectportal.firefox.com/canonical.html",
	NetworkManager: "http://nmcheck.gnome.org/check_network_status.txt",
} as const;

/** What each probe takes for the internet. */
const onlineResponses: Readonly<Record<keyof typeof probes, RegExp>> = {
	Android: /^204 $/,
	"iOS and macOS": /^200 .*<BODY>Success<\/BODY>/,
	Windows: /^200 Microsoft Connect Test$/,
	Firefox: /^200 .*support\.mozilla\.org\/kb\/captive-portal/,
	NetworkManager: /^204 $/,
};

for (const [system, url] of Object.entries(probes) as [keyof typeof probes, string][])
	browserTest(`${system}: from the probe to a stored network`, async (t) => {
		const fixture = await SetupFixture.start(t);
		const { page } = fixture;
		await page.goto(url);
		t.is(page.url(), portal);
		await page.getByRole("heading", { name: heading }).waitFor();
		await fixture.enter("Home & Garden", password);
		await page.getByText("Connecting.").waitFor();
		await page.getByText("Connected.").waitFor();
		t.deepEqual(fixture.stored(), { name: "Home & Garden", password });
		t.regex(await fixture.probe(url), onlineResponses[system]);
		await fixture.until(() => fixture.restarts === 1);
		t.deepEqual(fixture.states(), ["open", "joining", "stored", "closed"]);
		fixture.assertCalm();
	});

browserTest("a wrong password, then the right one: the story", async (t) => {
	const fixture = await SetupFixture.start(t);
	const { page } = fixture;
	await page.goto(probes["iOS and macOS"]);
	await picture(fixture, "networks");
	await fixture.enter("Home & Garden", "another invented password");
	await page.getByText("Connecting.").waitFor();
	await picture(fixture, "connecting");
	await page.getByRole("alert").getByText("The network refused the password.").waitFor();
	await picture(fixture, "wrong-password");
	t.true(await page.getByRole("radio", { name: "Home & Garden" }).isChecked());
	t.is(await page.getByLabel("Password", { exact: true }).inputValue(), "");
	t.is(fixture.stored(), undefined);
	await page.getByLabel("Password", { exact: true }).fill(password);
	await page.getByRole("button", { name: "Connect" }).click();
	await page.getByText("Connected.").waitFor();
	await picture(fixture, "connected");
	t.deepEqual(fixture.states(), ["open", "joining", "wrong-password", "joining", "stored"]);
	fixture.assertCalm();
});

for (const [network, entered, message, reason] of [
	["full", password, "The network refused the device.", "refused"],
	["gone", password, "The network was not found.", "not-found"],
	["silent", password, "The network gave the device no address.", "no-address"],
	["café <open>", password, "The network refused the password.", "wrong-password"],
] as const)
	browserTest(`${network}: the page says why joining has failed`, async (t) => {
		const fixture = await SetupFixture.start(t);
		const { page } = fixture;
		await page.goto(portal);
		await fixture.enter(network, entered);
		await page.getByRole("alert").getByText(message).waitFor();
		t.deepEqual(fixture.states(), ["open", "joining", reason]);
		t.is(fixture.stored(), undefined);
		fixture.assertCalm();
	});

browserTest("an open network needs no password, and one that the chip cannot join cannot be chosen", async (t) => {
	const fixture = await SetupFixture.start(t);
	const { page } = fixture;
	await page.goto(portal);
	t.true(await page.getByRole("radio", { name: "office" }).isDisabled());
	t.is(await page.getByText(networks[6]?.name ?? "").count(), 0);
	await fixture.enter("café <open>", "");
	await page.getByText("Connected.").waitFor();
	t.deepEqual(fixture.stored(), { name: "café <open>", password: undefined });
	fixture.assertCalm();
});

browserTest("a hidden network is entered by name, with the keyboard only, in Chinese", async (t) => {
	const fixture = await SetupFixture.start(t, { locale: "zh-CN" });
	const { page } = fixture;
	await page.goto(portal);
	t.is(await page.locator("html").getAttribute("lang"), "zh-Hans");
	await page.keyboard.press("Tab");
	// From the first network of the group upwards: the last one.
	await page.keyboard.press("ArrowUp");
	t.true(await page.getByRole("radio", { name: "其他网络或隐藏网络" }).isChecked());
	await page.keyboard.press("Tab");
	await page.keyboard.insertText("hidden 咖啡");
	await page.keyboard.press("Tab");
	await page.keyboard.insertText(password);
	await page.keyboard.press("Tab");
	await page.keyboard.press("Space");
	t.is(await page.getByLabel("密码", { exact: true }).getAttribute("type"), "text");
	await page.keyboard.press("Tab");
	await page.keyboard.press("Enter");
	await page.getByText("已连接。").waitFor();
	t.deepEqual(fixture.stored(), { name: "hidden 咖啡", password });
	fixture.assertCalm();
});

browserTest("without script: the form, the failure and the success", async (t) => {
	// The page asks every four seconds of real time, which must be less than the half minute of the result.
	const fixture = await SetupFixture.start(t, { javaScriptEnabled: false, time: scaledTime(3) });
	const { page } = fixture;
	await page.goto(probes.Android);
	t.is(page.url(), portal);
	t.false(await page.getByText("Show password").isVisible());
	await fixture.enter("Home & Garden", "another invented password");
	await page.getByRole("alert").getByText("The network refused the password.").waitFor();
	await fixture.enter("Home & Garden", password);
	await page.getByText("Connected.").waitFor();
	t.deepEqual(fixture.stored(), { name: "Home & Garden", password });
	fixture.assertCalm();
});

browserTest("a page that is loaded again, and another tab, show the same state", async (t) => {
	// The second form must come while the first is tried.
	const fixture = await SetupFixture.start(t, { time: realTime });
	const { page } = fixture;
	await page.goto(portal);
	const other = await page.context().newPage();
	fixture.watch(other);
	await other.goto(portal);
	await fixture.enter("gone", password);
	await page.getByText("Connecting.").waitFor();
	// A second form while the first is tried changes nothing.
	await fixture.enter("Home & Garden", password, other);
	await other.getByText("Connecting.").waitFor();
	await page.goto(portal);
	for (const each of [page, other]) await each.getByRole("alert").getByText("was not found").waitFor();
	t.deepEqual(fixture.states(), ["open", "joining", "not-found"]);
	fixture.assertCalm();
});

browserTest(
	"a phone that falls off the access point meanwhile still shows the page, and then the result",
	async (t) => {
		const fixture = await SetupFixture.start(t);
		const { page } = fixture;
		await page.goto(portal);
		await fixture.enter("silent", password);
		await page.getByText("Connecting.").waitFor();
		await page.context().setOffline(true);
		await fixture.until(() => fixture.states().includes("no-address"));
		// Long enough for the page to ask in vain.
		await page.waitForTimeout(3000);
		t.true(await page.getByText("Connecting.").isVisible());
		await page.context().setOffline(false);
		await page.getByRole("alert").getByText("no address").waitFor();
		t.deepEqual(fixture.states(), ["open", "joining", "no-address"]);
	},
);

for (const colorScheme of ["light", "dark"] as const)
	browserTest(`axe-core has no finding and nothing overflows: ${colorScheme}`, async (t) => {
		const fixture = await SetupFixture.start(t, { colorScheme, viewport: { width: 320, height: 640 } });
		const { page } = fixture;
		await page.goto(portal);
		const check = async () => {
			t.deepEqual(await fixture.accessibilityFaults(), []);
			t.true((await page.evaluate("document.documentElement.scrollWidth")) === 320);
		};
		await page.getByRole("radio", { name: "Another or hidden network" }).check();
		await check();
		await page.getByLabel("Network name").fill("nowhere");
		await page.getByRole("button", { name: "Connect" }).click();
		await page.getByText("Connecting.").waitFor();
		await check();
		await page.getByRole("alert").waitFor();
		t.is(await page.getByLabel("Network name").inputValue(), "nowhere");
		await check();
		fixture.assertCalm();
	});

browserTest("a page of another site cannot send the form", async (t) => {
	const fixture = await SetupFixture.start(t);
	const { page } = fixture;
	await page.goto(
		"data:text/html,<form method=post action=http://192.168.4.1/><input name=o value=evil><input name=t value=1><button>go</button></form>",
	);
	await page.getByRole("button", { name: "go" }).click();
	await page.getByText("This page was outdated.").waitFor();
	t.deepEqual(fixture.states(), ["open"]);
});

browserTest("the board's DNS leads each name to the board", async (t) => {
	const fixture = await SetupFixture.start(t);
	const resolver = new Resolver({ timeout: 5000, tries: 1 });
	resolver.setServers([`127.0.0.1:${fixture.dnsPort}`]);
	t.deepEqual(await resolver.resolve4("captive.apple.com"), ["192.168.4.1"]);
	await t.throwsAsync(resolver.resolve6("captive.apple.com"), { code: "ENODATA" });
});
