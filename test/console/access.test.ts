/** The console for everybody: axe-core, keyboard, narrow screens, dark and light. The same pages are the document's pictures. */

import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import type { Page } from "playwright-core";
import { browserTest, ConsoleFixture, secret } from "./browser.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const productId = "LAMPS00001";

const views: readonly (readonly [view: string, prepare?: (fixture: ConsoleFixture) => Promise<unknown>])[] = [
	["overview", ({ page }) => page.locator(".fleet canvas").waitFor()],
	["products", (fixture) => fixture.panel(productId).waitFor()],
	["devices", ({ page }) => page.getByRole("row", { name: /lamp-1 / }).waitFor()],
	[`devices/tencent/${productId}/lamp-1`, (fixture) => fixture.panel("Timeline").getByText("Registered").waitFor()],
	["journal", ({ page }) => page.getByText("What should have been signed").first().click()],
	["faults", ({ page }) => page.locator(".rules li").first().waitFor()],
	["server", ({ page }) => page.getByText("The broker runs.").waitFor()],
	["start", (fixture) => fixture.button("Show the configuration").click()],
	["products?new=1", ({ page }) => page.getByRole("dialog").waitFor()],
];

/** A product, a board that is online, one that is refused, and a fault. */
async function populated(...args: Parameters<typeof ConsoleFixture.start>): Promise<ConsoleFixture> {
	const fixture = await ConsoleFixture.start(...args);
	const { administration } = fixture.cloud;
	administration.putProduct("tencent", productId, { secret });
	administration.putProduct("aliyun", "a1Sensors", { secret });
	for (let count = 2; count < 40; count++) administration.putDevice("tencent", productId, `lamp-${count}`);
	administration.addFaults([{ operation: "subscribe", fault: "suback", device: "lamp-9" }]);
	const board = await fixture.board({ configuration: fixture.configuration(productId, "lamp-1") });
	const wrong = { productSecret: "another-product-secret" };
	const refused = await fixture.board({ configuration: fixture.configuration(productId, "lamp-2", wrong) });
	await refused.event("failed");
	refused.powerOff();
	const { index } = await board.entry("online");
	await board.event("clock");
	await administration.sendMessage("tencent", productId, "lamp-1", '{"lamp":"on","level":7}');
	await board.event("message", { after: index });
	return fixture;
}

interface Finding {
	readonly id: string;
	readonly help: string;
	readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

async function findings(page: Page): Promise<string[]> {
	await page.evaluate(axe);
	const violations = await page.evaluate<Finding[]>(
		`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)`,
	);
	return violations.map(
		({ id, help, nodes }) =>
			`${id}: ${help}\n${nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`).join("\n")}`,
	);
}

for (const colorScheme of ["light", "dark"] as const)
	for (const width of [1280, 360])
		browserTest(`axe-core has no finding, and nothing overflows: ${colorScheme}, ${width} pixels`, async (t) => {
			const fixture = await populated(t, { colorScheme, viewport: { width, height: 860 } });
			const { page } = fixture;
			for (const [view, prepare] of views) {
				await fixture.open(view);
				await prepare?.(fixture);
				await page.waitForTimeout(150);
				t.deepEqual(await findings(page), [], view);
				const wide = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
				t.true(wide <= 0, `${view} is ${wide} pixels too wide`);
			}
			fixture.assertCalm();
		});

browserTest("axe-core would find a control without a name, and a text without contrast", async (t) => {
	const { page } = await populated(t);
	await page.goto("/#/server");
	await page.getByText("The broker runs.").waitFor();
	await page.evaluate(`{
		const button = document.createElement("button");
		const text = document.createElement("p");
		text.textContent = "hardly to be seen";
		text.style.color = "#ddd";
		document.querySelector("main").append(button, text);
	}`);
	const found = await findings(page);
	t.deepEqual(
		found.map((each) => each.split(":")[0]),
		["button-name", "color-contrast"],
	);
});

browserTest("the keyboard is enough: skip link, views, a dialog that gives the focus back", async (t) => {
	const fixture = await populated(t);
	const { page } = fixture;
	await fixture.open("products");
	const focused = () => page.evaluate<string>("document.activeElement.textContent || document.activeElement.id");
	await page.keyboard.press("Tab");
	t.is(await focused(), "Skip to the content");
	await page.keyboard.press("Enter");
	t.is(await page.evaluate("document.activeElement.id"), "main");
	await page.keyboard.press("Tab");
	t.is(await focused(), "Create a product");
	await page.keyboard.press("Enter");
	await page.getByRole("dialog").waitFor();
	t.true(await page.evaluate("document.activeElement.closest('dialog') !== null"));
	await page.keyboard.press("Escape");
	await page.getByRole("dialog").waitFor({ state: "detached" });
	t.is(await focused(), "Create a product");
	const off = fixture.panel(productId).getByRole("radio", { name: "any name" });
	await off.focus();
	await page.keyboard.press("ArrowLeft");
	await fixture.notice("registration names created before");
	await page.getByRole("link", { name: "Journal" }).focus();
	await page.keyboard.press("Enter");
	await page.getByRole("heading", { level: 1, name: "Journal" }).waitFor();
	t.is(await page.evaluate("document.activeElement.id"), "main");
	t.is(await page.title(), "Journal · dynreg local cloud");
	fixture.assertCalm();
});

browserTest("an unknown address says so, and leads to the overview", async (t) => {
	const fixture = await populated(t);
	const { page } = fixture;
	await page.goto("/#/gadgets");
	await page.getByRole("heading", { level: 1, name: "No such page" }).waitFor();
	await page.getByRole("main").getByRole("link", { name: "Overview" }).click();
	await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
	await page.goto(`/#/devices/tencent/${productId}/nobody`);
	await page
		.getByText(`The product ${productId} has no device nobody. Create the device, or let it register.`)
		.waitFor();
	await page.goto("/");
	await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
	t.is(await page.title(), "Overview · dynreg local cloud");
});

/** Where the pictures of the document are. */
const pictures = join(project, "docs/guides/console");

browserTest("pictures for the document: DYNREG_SCREENSHOTS=1 writes them", async (t) => {
	const fixture = await populated(t, { colorScheme: "light", viewport: { width: 1060, height: 660 } });
	const { page } = fixture;
	const session = await page.context().newCDPSession(page);
	await mkdir(pictures, { recursive: true });
	for (const [name, view, prepare] of [
		["device", ...(views[3] as (typeof views)[number])],
		["journal", "journal?verdict=refused", views[4]?.[1]],
	] as const) {
		await fixture.open(view);
		await prepare?.(fixture);
		await page.waitForTimeout(300);
		const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 30 });
		const picture = Buffer.from(data, "base64");
		t.log(`${name}: ${picture.length} bytes`);
		t.true(picture.length > 5000);
		if (process.env.DYNREG_SCREENSHOTS === "1") await writeFile(join(pictures, `${name}.webp`), picture);
	}
	fixture.assertCalm();
});
