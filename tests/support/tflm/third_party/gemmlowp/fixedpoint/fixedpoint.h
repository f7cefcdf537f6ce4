// Stand-in: only its place matters, and that it includes another folder's header as the real one does.
#include "../internal/detect_platform.h"
