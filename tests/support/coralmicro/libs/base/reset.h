#pragma once
namespace coralmicro {
void ResetToFlash();
void ResetStoreStats();
}  // namespace coralmicro
