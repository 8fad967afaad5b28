#include "xsmc.h"

/* When this was compiled, as "Mmm dd yyyy", in the build machine's time zone. */
void xs_dynreg_build_date(xsMachine *the)
{
	xsmcSetString(xsResult, __DATE__);
}
