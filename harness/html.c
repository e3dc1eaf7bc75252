// SPDX-License-Identifier: MIT
#include "harness/html.h"
#include "harness/report_assets.h"

#include <nettle/base64.h>
#include <nettle/sha2.h>

/* 'sha256-...' of one script or style: that one may run. */
static void put_hash(FILE *out, const struct report_asset *a)
{
	char text[BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE) + 1] = "";
	uint8_t sum[SHA256_DIGEST_SIZE];
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, (size_t)(a->end - a->text), (const uint8_t *)a->text);
	sha256_digest(&ctx, sizeof(sum), sum);
	base64_encode_raw(text, sizeof(sum), sum);
	fprintf(out, " 'sha256-%s'", text);
}

static void put_asset(FILE *out, const char *tag, const struct report_asset *a)
{
	fprintf(out, "<%s>", tag);
	fwrite(a->text, 1, (size_t)(a->end - a->text), out);
	fprintf(out, "</%s>\n", tag);
}

void html_begin(FILE *out, const char *kind)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "base-uri 'none'; form-action 'none'; style-src",
	      out);
	for (size_t i = 0; i < REPORT_STYLES; i++)
		put_hash(out, &report_styles[i]);
	fputs("; script-src", out);
	for (size_t i = 0; i < REPORT_SCRIPTS; i++)
		put_hash(out, &report_scripts[i]);
	fputs("\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>oomlab</title>\n",
	      out);
	for (size_t i = 0; i < REPORT_STYLES; i++)
		put_asset(out, "style", &report_styles[i]);
	fprintf(out,
		"</head>\n<body data-kind=\"%s\">\n<main id=\"page\" tabindex=\"-1\" "
		"aria-busy=\"true\">"
		"<p>This page is drawn by its own script, from data within it.</p>\n"
		"<noscript><p>Scripts are off here: 'oomlab judge -v' prints the same as "
		"text.</p></noscript></main>\n",
		kind);
}

static void put_base64(struct html_block *b, const unsigned char *data, size_t len)
{
	char text[BASE64_ENCODE_RAW_LENGTH(3)];

	for (size_t i = 0; i < len; i++) {
		b->waiting[b->nr_waiting++] = data[i];
		if (b->nr_waiting < 3)
			continue;
		base64_encode_raw(text, 3, b->waiting);
		fwrite(text, 1, sizeof(text), b->out);
		b->nr_waiting = 0;
	}
}

static int squeeze(struct html_block *b, const char *text, size_t len, int how)
{
	unsigned char packed[16384];
	int rc;

	b->z.next_in = (unsigned char *)(uintptr_t)text;
	b->z.avail_in = (unsigned int)len;
	do {
		b->z.next_out = packed;
		b->z.avail_out = sizeof(packed);
		rc = deflate(&b->z, how);
		put_base64(b, packed, sizeof(packed) - b->z.avail_out);
	} while (rc == Z_OK && !b->z.avail_out);
	return rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR ? 0 : -EIO;
}

static int flush(void *ctx, const char *text, size_t len)
{
	return squeeze(ctx, text, len, Z_NO_FLUSH);
}

void html_block_begin(struct html_block *b, FILE *out, const char *id)
{
	*b = (struct html_block){ .out = out };
	fprintf(out, "<script type=\"application/octet-stream\" id=\"%s\">", id);
	if (deflateInit(&b->z, Z_BEST_COMPRESSION) != Z_OK)
		b->err = -ENOMEM;
	jsonw_init_flush(&b->w, b->buf, sizeof(b->buf), flush, b);
}

int html_block_end(struct html_block *b)
{
	ssize_t n = jsonw_finish(&b->w);
	char text[BASE64_ENCODE_RAW_LENGTH(3) + 1] = "";

	if (!b->err && n < 0)
		b->err = (int)n;
	if (!b->err)
		b->err = squeeze(b, "", 0, Z_FINISH);
	deflateEnd(&b->z);
	if (b->nr_waiting)
		base64_encode_raw(text, b->nr_waiting, b->waiting);
	fprintf(b->out, "%s</script>\n", text);
	return b->err ? b->err : ferror(b->out) ? -EIO : 0;
}

void html_end(FILE *out)
{
	for (size_t i = 0; i < REPORT_SCRIPTS; i++)
		put_asset(out, "script", &report_scripts[i]);
	fputs("</body>\n</html>\n", out);
}
