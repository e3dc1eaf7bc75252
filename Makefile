# oomlab: two static programs, build/oomlab (driver, also PID 1 of its guests) and build/oomhog.
#   make            build both            make check   layers, sizes, format, unit tests
#   make test       every test            make asan    unit tests under ASan and UBSan
#   make fuzz       libFuzzer runs        make bench   ratios beside peers
O       ?= build
CC      ?= gcc
V       ?= 0
Q       := $(if $(filter 1,$(V)),,@)
SAN     ?=

CFLAGS  ?= -O2 -g
override CFLAGS += -std=gnu11 -D_GNU_SOURCE -I. -MMD -MP -Wall -Wextra -Wshadow -Wvla \
	-Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wimplicit-fallthrough \
	-fstack-protector-strong $(if $(WERROR),-Werror) \
	$(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)

LIBS_LAB := -lyaml -ljansson -larchive -llzma -lzstd -llz4 -lbz2 -lz -lnettle -lm
LIBS_HOG := -lnuma -lpthread

objs     = $(patsubst %.c,$(O)/%.o,$(sort $(wildcard $(1)/*.c)))
LIB     := $(O)/liboom.a
LAB     := $(call objs,harness)
HOG     := $(call objs,workloads)
UNIT    := $(patsubst %.c,$(O)/%,$(sort $(wildcard lib/tests/test_*.c harness/tests/test_*.c \
	workloads/tests/test_*.c)))

all: $(O)/oomlab $(O)/oomhog

$(LIB): $(call objs,lib)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# Static, so that an initramfs of these two files is a whole user space.
# glibc warns of getaddrinfo, which libnuma has for policies that name a host; never used here.
$(O)/oomlab: $(LAB) $(LIB)
	@echo "  LINK $@"
	$(Q)$(CC) $(CFLAGS) -static $(LDFLAGS) -o $@ $^ $(LIBS_LAB)

$(O)/oomhog: $(HOG) $(LIB)
	@echo "  LINK $@"
	$(Q)$(CC) $(CFLAGS) -static $(LDFLAGS) -Wl,--no-warnings -o $@ $^ $(LIBS_HOG)

$(O)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC   $<"
	$(Q)$(CC) $(CFLAGS) $(CPPFLAGS) -c -o $@ $<

# A unit test links the objects of the room it tests, less main(), dynamically.
$(O)/lib/tests/%: $(O)/lib/tests/%.o $(LIB)
	$(Q)$(CC) $(CFLAGS) -o $@ $^ -lcmocka -lnuma -lz
$(O)/harness/tests/%: $(O)/harness/tests/%.o $(filter-out %/main.o,$(LAB)) $(LIB)
	$(Q)$(CC) $(CFLAGS) -o $@ $^ -lcmocka $(LIBS_LAB)
$(O)/workloads/tests/%: $(O)/workloads/tests/%.o $(filter-out %/main.o,$(HOG)) $(LIB)
	$(Q)$(CC) $(CFLAGS) -o $@ $^ -lcmocka $(LIBS_HOG)
.SECONDARY:

unit: all $(UNIT)
	$(Q)harness/tests/unit.sh $(O) $(UNIT)

check: check-layers check-sizes check-format unit

check-layers:
	@! grep -nE '#include "(harness|workloads|cases)/' lib/*.[ch] lib/tests/*.[ch]
	@! grep -nE '#include "(harness|cases)/' workloads/*.[ch]
	@! grep -nE '#include "(workloads|cases)/' harness/*.[ch]
check-sizes:
	$(Q)harness/tests/sizes.sh
check-format:
	$(Q)clang-format --dry-run -Werror $$(find harness lib workloads -name '*.[ch]')

test: all $(UNIT)
	$(Q)harness/tests/all.sh $(O) $(UNIT)

# Less the workloads' own: they measure their memory, and the sanitizers take some.
asan:
	$(Q)$(MAKE) --no-print-directory O=$(O)-asan SAN=address,undefined CFLAGS="-O1 -g" unit-san
unit-san: $(filter-out $(O)/workloads/%,$(UNIT))
	$(Q)harness/tests/unit.sh $(O) $^

bench: all
	$(Q)workloads/tests/bench.sh $(O)
	$(Q)harness/tests/bench-explain.sh $(O)

clean:
	rm -rf $(O) $(O)-asan

include harness/tests/fuzz.mk

-include $(shell find $(O) -name '*.d' 2>/dev/null)
.PHONY: all unit check check-layers check-sizes check-format test asan unit-san clean bench
