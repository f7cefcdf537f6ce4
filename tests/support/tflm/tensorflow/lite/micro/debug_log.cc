#error "the platform's part is the firmware's own; this file must not be compiled"
