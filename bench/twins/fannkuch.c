#include <stdio.h>
#include <stdlib.h>

static long checksum, max_flips;

static void fannkuch(long n)
{
    long perm1[32], perm[32], count[32];
    for (long i = 0; i < n; i++) {
        perm1[i] = i;
        count[i] = 0;
    }
    long turn = 0, r = n;
    for (;;) {
        while (r != 1) {
            count[r - 1] = r;
            r--;
        }
        for (long i = 0; i < n; i++) {
            perm[i] = perm1[i];
        }
        long flips = 0, k = perm[0];
        while (k != 0) {
            for (long i = 0, j = k; i < j; i++, j--) {
                long t = perm[i];
                perm[i] = perm[j];
                perm[j] = t;
            }
            flips++;
            k = perm[0];
        }
        if (flips > max_flips) {
            max_flips = flips;
        }
        checksum += turn % 2 == 0 ? flips : -flips;
        for (;;) {
            if (r == n) {
                return;
            }
            long first = perm1[0];
            for (long i = 0; i < r; i++) {
                perm1[i] = perm1[i + 1];
            }
            perm1[r] = first;
            if (--count[r] > 0) {
                break;
            }
            r++;
        }
        turn++;
    }
}

int main(int argc, char **argv)
{
    fannkuch(argc > 1 ? atol(argv[1]) : 8);
    printf("%ld\n%ld\n", checksum, max_flips);
    return 0;
}
