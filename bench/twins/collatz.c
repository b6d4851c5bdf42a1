#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    long n = argc > 1 ? atol(argv[1]) : 30000;
    long total = 0, longest = 0;
    for (long i = 1; i < n; i++) {
        long x = i, steps = 0;
        while (x != 1) {
            if (x % 2 == 1) {
                x = 3 * x + 1;
            } else {
                x = x / 2;
            }
            steps++;
        }
        if (steps > longest) {
            longest = steps;
        }
        total += steps;
    }
    printf("%ld\n%ld\n", total, longest);
    return 0;
}
