// Not compiled here: written from the documentation of AL and of the base application.
page 50107 "Tandem Currencies"
{
    PageType = API;
    APIPublisher = 'tandem';
    APIGroup = 'companion';
    APIVersion = 'v1.0';
    EntityName = 'currency';
    EntitySetName = 'currencies';
    SourceTable = Currency;
    ODataKeyFields = SystemId;
    DelayedInsert = true;
    Extensible = false;

    layout
    {
        area(Content)
        {
            repeater(records)
            {
                field(id; Rec.SystemId) { Caption = 'Id'; Editable = false; }
                field(code; Rec.Code) { Caption = 'Code'; }
                field(displayName; Rec.Description) { Caption = 'Description'; }
                field(symbol; Rec.Symbol) { Caption = 'Symbol'; }
                field(exchangeRate; exchangeRate) { Caption = 'Exchange Rate'; Editable = false; }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { Caption = 'Last Modified'; Editable = false; }
            }
        }
    }

    trigger OnAfterGetRecord()
    var
        CurrencyExchangeRate: Record "Currency Exchange Rate";
    begin
        // Units of the currency for one unit of the local currency today.
        exchangeRate := CurrencyExchangeRate.ExchangeRate(Today(), Rec.Code);
    end;

    var
        exchangeRate: Decimal;
}
