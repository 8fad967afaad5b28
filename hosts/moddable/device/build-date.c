#include "xsmc.h"

/* When this was compiled, as "Mmm dd yyyy", in the time zone of whoever did. */
void xs_dynreg_build_date(xsMachine *the)
{
	xsmcSetString(xsResult, __DATE__);
}
