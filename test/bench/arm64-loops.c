/* The hot functions of mandelbrot, matmul, sieve and fib as C, for `make arm64-loops`. */
#include <stdbool.h>
#include <stdint.h>

enum { LIMIT = 1000, SIZE = 24 };

int64_t escape_time(double cr, double ci) {
  double zr = 0.0;
  double zi = 0.0;
  for (int64_t steps = 0; steps < 150; steps = steps + 1) {
    double rr = zr * zr;
    double ii = zi * zi;
    if (rr + ii > 4.0) return steps;
    zi = 2.0 * zr * zi + ci;
    zr = rr - ii + cr;
  }
  return 150;
}

double cell(const double *row, const double *const *m, int64_t x) {
  double sum = 0.0;
  for (int64_t k = 0; k < SIZE; k = k + 1) sum = sum + row[k] * m[k][x];
  return sum;
}

void clear(bool *flags) {
  for (int64_t i = 0; i < LIMIT; i = i + 1) flags[i] = true;
}

void cross_out(bool *flags, int64_t prime) {
  for (int64_t i = prime * prime; i < LIMIT; i = i + prime) flags[i] = false;
}

int64_t sum_of_primes(const bool *flags) {
  int64_t sum = 0;
  for (int64_t i = 2; i < LIMIT; i = i + 1) {
    if (flags[i]) sum = sum + i;
  }
  return sum;
}

int64_t fib(int64_t n) {
  if (n < 2) return n;
  return fib(n - 1) + fib(n - 2);
}
