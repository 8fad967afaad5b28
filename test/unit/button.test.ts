import test from "ava";
import { type Button, initialButton, ledOn, sample } from "dynreg/local-control/button-state";
import fc from "fast-check";

/** Milliseconds between two looks. */
const pause = 100;

/** Looks at a pin until there is nothing more to look for, or a minute has passed. */
function watch(pressed: (now: number) => boolean) {
	const looks: { readonly now: number; readonly button: Button }[] = [];
	let button = initialButton;
	for (let now = pause; now <= 60_000 && !button.done; now += pause) {
		button = sample(button, pressed(now), now);
		looks.push({ now, button });
	}
	return { looks, erased: button.erasedAt, ended: looks.at(-1)?.now, over: button.done };
}
const between = (from: number, to: number) => (now: number) => from <= now && now < to;

test("without a press the button is ignored after ten seconds", (t) => {
	t.like(
		watch(() => false),
		{ erased: undefined, ended: 10_000, over: true },
	);
});

test("pressed within ten seconds of power-up and held for five, it erases, once", (t) => {
	for (const from of [200, 3000, 9900]) {
		const { erased, over, ended } = watch(between(from, 60_000));
		t.is(erased, from + 5000);
		t.true(over);
		t.is(ended, from + 7000);
	}
});

test("let go too early, it erases nothing, and may be pressed again", (t) => {
	t.is(watch(between(1000, 5900)).erased, undefined);
	t.is(watch((now) => between(1000, 3000)(now) || between(4000, 10_000)(now)).erased, 9000);
	t.like(watch(between(9000, 13_000)), { erased: undefined, ended: 13_100 });
});

test("a press that begins later than ten seconds after power-up is the application's", (t) => {
	t.like(watch(between(10_000, 60_000)), { erased: undefined, ended: 10_000 });
});

test("a pin that is low from the start is no button", (t) => {
	t.like(
		watch(() => true),
		{ erased: undefined, over: true, ended: 10_000 },
	);
	t.is(watch(between(0, 6000)).erased, undefined);
	t.is(watch((now) => now < 1000 || between(2000, 7100)(now)).erased, 7000);
});

test("one look that sees it released while it is held is a bounce; two are not", (t) => {
	t.is(watch((now) => now >= 1000 && now !== 3000).erased, 6000);
	t.is(watch((now) => now >= 1000 && now !== 3000 && now !== 3100).erased, 8200);
});

test("erase needs a release and a five-second hold, whatever the pin does", (t) => {
	fc.assert(
		fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 200 }), (pins) => {
			// Long presses are rare in what chance makes: each look lasts eight.
			const seen = (now: number) => pins[Math.floor(now / pause / 8)] ?? false;
			const { erased } = watch(seen);
			if (erased === undefined) return;
			const held = Array.from({ length: 51 }, (_, index) => seen(erased - index * pause));
			if (held.some((each, index) => !each && !held[index + 1] && index < 50)) throw new Error(`erased at ${erased}`);
			if (erased - 5000 >= 10_000) throw new Error("too late");
		}),
	);
	t.pass();
});

test("the LED blinks while held, flickers after erase and is off otherwise", (t) => {
	const { looks } = watch(between(1000, 60_000));
	const light = looks.map(({ now, button }) => [now, ledOn(button, now)] as const);
	const on = (from: number, to: number) => light.filter(([now]) => now >= from && now < to).map(([, each]) => each);
	t.false(on(0, 1000).includes(true));
	t.deepEqual(on(1000, 2000), [...Array(5).fill(true), ...Array(5).fill(false)]);
	t.deepEqual(on(6000, 6400), [true, false, true, false]);
	t.false(ledOn(initialButton, 0));
});
