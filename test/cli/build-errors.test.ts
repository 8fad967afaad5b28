import { buildErrors } from "@dynreg/cli/internal/sdk/build-errors";
import test from "ava";

test("a failed build shows its errors, without successful steps and warnings", (t) => {
	const output = `# cc xsMath.c
In file included from /sdk/xs/sources/xsMath.c:40:
/sdk/xs/sources/xsum.c: In function ‘xsum_carry_propagate’:
/sdk/xs/sources/xsum.c:277:55: warning: format ‘%lld’ expects argument of type ‘long long int’ [-Wformat=]
  277 |   if (xsum_debug) c_printf("u: %d",u,sacc->chunk[u]);
      |                                                    ~~~^
      |                                                    %ld
# tsc main.ts
main.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.
pin.c: In function ‘blink’:
pin.c:9:2: error: unknown type name ‘foo’
    9 |  foo x;
      |  ^~~
pin.c:12:6: warning: unused variable ‘y’ [-Wunused-variable]
   12 |  int y;
make: *** [makefile:712: main.js] Error 1
`;
	t.is(
		buildErrors(output),
		`main.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.
pin.c:9:2: error: unknown type name ‘foo’
    9 |  foo x;
      |  ^~~
make: *** [makefile:712: main.js] Error 1`,
	);
});
